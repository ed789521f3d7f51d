/** Description of an op, for hover texts and for the names of positional arguments. */
export interface OpHelp {
  /** Names of its positional parameters, in order. */
  readonly params: readonly string[];
  readonly says: string;
  /** Kind of state it keeps between pulses, if any. */
  readonly keeps?: "delay" | "scan" | "cache" | "counter";
  /** Whether it is drawn as part of the convolution or product it follows. */
  readonly activation?: true;
}

type Row = readonly [
  names: string,
  params: string,
  says: string,
  more?: Omit<OpHelp, "params" | "says">,
];

const ACTIVATION = { activation: true } as const;

/**
 * Operations of NNEF 1.0 and of tract's registries. Names in one row share parameters and description, in
 * which `%` is the name.
 */
const ROWS: readonly Row[] = [
  ["external", "shape", "An input of the graph, of this shape."],
  [
    "tract_core_external",
    "shape datum_type",
    "An input of the graph: its shape, where a symbol is a size left open, and its item type.",
  ],
  ["variable", "label shape", "A weight, read from the archive's file of this label."],
  ["constant", "shape value", "A constant written in the text."],
  [
    "conv",
    "input filter bias",
    "Convolution: each output is a weighted sum over a window that slides by stride. The filter is out × in × window.",
  ],
  [
    "deconv",
    "input filter bias",
    "Transposed convolution: each input spreads over a window of outputs.",
  ],
  [
    "separable_conv separable_deconv",
    "input plane_filter point_filter bias",
    "Convolution per channel, then a mix of the channels.",
  ],
  ["box debox", "input size", "Sum over a sliding window."],
  ["max_pool avg_pool rms_pool", "input size", "Keeps one value (%) of each window."],
  [
    "max_pool_with_index argmax_pool",
    "input size",
    "The largest value of each window, and where it was.",
  ],
  ["sample desample", "input index", "Takes the values at positions found by pooling."],
  ["linear", "input filter bias", "input × filterᵀ + bias, over the last axis."],
  ["matmul tract_core_matmul", "A B", "Matrix product over the last two axes."],
  [
    "tract_core_einsum tract_core_einsum_q",
    "inputs",
    "Product of tensors, written as an index formula: letters missing after the arrow are summed over.",
  ],
  ["relu", "x", "Negative values become 0.", ACTIVATION],
  ["sigmoid", "x", "1 / (1 + e⁻ˣ): between 0 and 1.", ACTIVATION],
  ["tanh", "x", "Hyperbolic tangent: between -1 and 1.", ACTIVATION],
  ["leaky_relu", "x alpha", "Negative values are scaled by alpha.", ACTIVATION],
  ["prelu", "x alpha", "Negative values are scaled by a learned factor.", ACTIVATION],
  ["elu", "x alpha", "eˣ - 1 below 0, x above.", ACTIVATION],
  ["softplus softabs", "x", "A smooth %.", ACTIVATION],
  ["tract_core_silu tract_transformers_silu", "x", "x · sigmoid(x).", ACTIVATION],
  ["tract_core_hard_swish", "x", "x · clamp(x + 3, 0, 6) / 6.", ACTIVATION],
  [
    "tract_core_gelu_approx tract_transformers_gelu_approx",
    "x",
    "GELU, approximated with tanh.",
    ACTIVATION,
  ],
  ["tract_core_erf", "x", "Gauss' error function."],
  ["softmax tract_core_softmax", "x axes", "Exponentials that sum to 1 over axes."],
  ["tract_core_log_softmax", "x axes", "Logarithm of softmax over axes."],
  ["add sub mul div pow", "x y", "Element by element: %. Axes of size 1 are repeated."],
  ["min max", "x y", "Element by element, the %imum of the two."],
  [
    "lt gt le ge eq ne and or tract_core_xor tract_core_bitand tract_core_bitor tract_core_bitxor",
    "x y",
    "Element by element: %.",
  ],
  [
    "exp log log2 sin cos abs sign rcp neg copy not floor ceil round sqr sqrt rsqr rsqrt tract_core_round_even tract_core_is_inf tract_core_is_nan tract_core_bitnot",
    "x",
    "Element by element: %.",
  ],
  ["tract_core_pow_const", "x", "Element by element, to a fixed power."],
  ["clamp", "x a b", "Element by element, held between a and b."],
  ["select", "condition true_value false_value", "Element by element, one or the other."],
  ["reshape", "input shape axis_start axis_count", "Same items in the same order, another shape."],
  ["transpose", "input axes", "Axes in another order."],
  ["squeeze", "input axes", "Drops axes of size 1."],
  ["unsqueeze", "input axes", "Adds axes of size 1."],
  ["concat", "values axis", "Joins tensors along an axis."],
  ["stack", "values axis", "Joins tensors along a new axis."],
  ["split unstack", "value axis ratios", "Cuts along an axis."],
  ["slice", "input axes begin end stride", "Keeps a range along axes."],
  [
    "tract_core_dyn_slice",
    "input begin end axis",
    "Keeps a range along one axis; its ends may be symbols.",
  ],
  ["tile", "input repeats", "Repeats along each axis."],
  ["tract_core_broadcast", "input shape", "Repeats axes of size 1 up to shape."],
  ["pad", "input padding border value", "Adds items before and after along each axis."],
  [
    "sum_reduce mean_reduce max_reduce min_reduce any_reduce all_reduce argmax_reduce argmin_reduce tract_core_product_reduce tract_core_argmax_reduce_last tract_core_argmin_reduce_last",
    "input axes",
    "One value for all along axes: %.",
  ],
  ["moments", "input axes", "Mean and variance along axes."],
  [
    "batch_normalization",
    "input mean variance offset scale epsilon",
    "(input - mean) / √(variance + ε) · scale + offset.",
  ],
  [
    "local_response_normalization local_mean_normalization local_variance_normalization local_contrast_normalization l1_normalization l2_normalization",
    "input size",
    "Divides by a measure of the neighbourhood: %.",
  ],
  [
    "tract_core_rms_norm tract_core_scaled_rms_norm tract_transformers_rms_norm",
    "input axis eps",
    "Divides by the root mean square along an axis.",
  ],
  [
    "nearest_downsample area_downsample nearest_upsample multilinear_upsample",
    "input factor",
    "Changes the resolution by whole factors.",
  ],
  ["tract_core_resize", "input scales sizes", "Changes the resolution."],
  ["tract_core_cast", "input to", "Another item type."],
  [
    "tract_core_shape_of",
    "input",
    "The sizes of a tensor's axes, as a tensor: symbols stay symbols.",
  ],
  ["tract_core_range", "start end step", "Numbers from start to end."],
  [
    "tract_core_gather",
    "input indices axis",
    "Items picked by index along an axis, as in a table of embeddings.",
  ],
  [
    "tract_core_scatter_nd tract_core_scatter_elements",
    "input indices updates",
    "Writes items at given indices.",
  ],
  ["tract_core_topk", "input k axis", "The k largest along an axis, and where they were."],
  ["tract_core_one_hot", "input axis dim", "1 at the index, 0 elsewhere."],
  ["tract_core_trilu", "input k upper", "The triangle above or below a diagonal."],
  ["tract_core_cumsum", "input axis", "Running sum along an axis."],
  [
    "tract_core_downsample",
    "input axis stride modulo",
    "Keeps every stride-th item along an axis.",
  ],
  ["tract_core_fft tract_core_stft", "input", "Fourier transform."],
  [
    "tract_core_complex_to_inner_dim tract_core_inner_dim_to_complex",
    "input",
    "Complex numbers as pairs, or back.",
  ],
  ["tract_core_grid_sample", "input grid", "Values between the items, at given positions."],
  [
    "tract_core_scan",
    "body scan full state output",
    "Runs a fragment once per step along an axis, handing state from each step to the next.",
    { keeps: "scan" },
  ],
  ["tract_core_gru_seq", "input", "A GRU over a sequence.", { keeps: "scan" }],
  ["tract_core_gru_epilogue tract_core_lstm_epilogue", "input", "The gates of one recurrent step."],
  ["tract_core_submodel", "input label", "Another model, as one op."],
  [
    "tract_core_qconv tract_core_qmatmul",
    "input filter bias",
    "The quantised form of a convolution or product.",
  ],
  [
    "tract_pulse_delay",
    "input axis delay overlap",
    "Keeps past frames: what comes out lags by delay frames and carries overlap earlier ones before it.",
    { keeps: "delay" },
  ],
  [
    "tract_pulse_mask",
    "input axis begin end value",
    "Overwrites what lies before the stream's beginning or after its end.",
    { keeps: "counter" },
  ],
  [
    "tract_pulse_pulse_pad",
    "input axis before after",
    "Padding of a stream, put in once at its beginning and at its end.",
    { keeps: "counter" },
  ],
  [
    "tract_pulse_cumsum",
    "input axis",
    "A running sum that goes on from pulse to pulse.",
    { keeps: "scan" },
  ],
  [
    "tract_extra_exp_unit_norm tract_extra_exp_mean_norm",
    "input state alpha axis",
    "Normalises by a running average kept from pulse to pulse.",
    { keeps: "scan" },
  ],
  [
    "tract_transformers_dyn_kv_cache tract_transformers_quantized_dyn_kv_cache",
    "input axis",
    "Keeps all keys or values seen, and gives them back with the new ones.",
    { keeps: "cache" },
  ],
  [
    "tract_transformers_sdpa tract_transformers_window_kv_sdpa tract_transformers_quantized_kv_sdpa",
    "q k v mask",
    "Attention: softmax(q · kᵀ · scale + mask) · v.",
  ],
  ["tract_transformers_apply_rope", "input cos sin", "Rotary position embedding."],
  [
    "tract_transformers_scaled_masked_softmax",
    "input mask scale",
    "Softmax of scaled scores under a mask.",
  ],
  [
    "tract_transformers_causal_conv1d_update",
    "input",
    "A causal convolution that keeps its last frames.",
    { keeps: "cache" },
  ],
  ["tract_transformers_gdn_recurrent", "input", "A gated delta recurrence.", { keeps: "scan" }],
  ["copy_n add_n", "x", "%, of several tensors."],
  ["tract_resource_get", "label", "A value from a resource file of the archive."],
];

const PLAIN = /^tract_(core|pulse|extra|transformers)_|_(reduce|pool|normalization)$/g;

/** By full name, e.g. `conv`, `tract_pulse_delay`. */
export const OPS: ReadonlyMap<string, OpHelp> = new Map(
  ROWS.flatMap(([names, params, says, more]) =>
    names.split(" ").map((name): [string, OpHelp] => [
      name,
      {
        params: params.split(" "),
        says: says.replace("%", name.replace(PLAIN, "").replaceAll("_", " ")),
        ...more,
      },
    ]),
  ),
);

/** Short name: `tract_core_log_softmax` is `log_softmax`. */
export const shortOp = (op: string): string =>
  op.replace(/^tract_(core|extra|transformers)_/, "").replace(/^tract_pulse_(pulse_)?/, "");

/** Reserved words of NNEF. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  "version extension fragment graph for in if else yield true false tensor scalar integer logical string".split(
    " ",
  ),
);
