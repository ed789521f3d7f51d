//! The rules of each operator that tract does not check itself, found by reading its builders and by
//! the fuzzer `tests/fuzz`. An operator without rules takes any values of its parameters' types.

use tract_nnef::internal::*;

use super::rules::Elements::{F32, Float, Number};
use super::rules::Rule::{self, *};
use super::rules::check_common;
use super::values::Arguments;
use super::{SUBSCRIPT, geometry, indices, shapes, special};

/// Checks a call by what holds of every operator and by its own rules.
pub fn check(arguments: &Arguments) -> TractResult<()> {
    check_common(arguments)?;
    let id = &*arguments.call.invocation.id.0;
    let rules = OPERATORS.iter().filter(|(operator, _)| *operator == id);
    rules.flat_map(|(_, rules)| *rules).try_for_each(|rule| rule.check(arguments))
}

const EXTENT: i64 = 1 << 24;
const BORDERS: Rule = OneOf("border", &["constant", "ignore"]);
const ZEROS: Rule = OneOf("border", &["constant"]);
const POOL: &[Rule] = &[
    Rank("input", 2, 8),
    PerAxis("size", "input", 0),
    Count("size", 2, 8),
    Between("size", 1, EXTENT),
    Between("stride", 1, EXTENT),
    Between("dilation", 1, EXTENT),
    Between("padding", 0, EXTENT),
    Pairs("padding"),
    PerAxis("padding", "input", 0),
    PerAxis("stride", "input", 0),
    PerAxis("dilation", "input", 0),
    BORDERS,
    Elements(&["input"], Number),
    Special(geometry::pool_fits),
];
const CONVOLUTION: &[Rule] = &[
    Rank("input", 2, 8),
    SameRank(&["input", "filter"]),
    Between("stride", 1, EXTENT),
    Between("dilation", 1, EXTENT),
    Between("padding", 0, EXTENT),
    Pairs("padding"),
    PerAxis("padding", "input", 2),
    PerAxis("stride", "input", 2),
    PerAxis("dilation", "input", 2),
    ZEROS,
    Elements(&["input", "filter", "bias"], Number),
    Special(geometry::filter_fits),
];
const REDUCTION: &[Rule] = &[Axis("axes", "input", 0), Elements(&["input"], Number)];
const LOGICAL_REDUCTION: &[Rule] = &[Axis("axes", "input", 0)];
const BINARY: &[Rule] = &[Special(special::division)];
const NORM: &[Rule] = &[Axis("axis", "input", 0), Elements(&["input"], Float)];
const KV_CACHE: &[Rule] = &[
    Axis("axis", "input", 0),
    PerAxis("past_sequence_shape", "input", 0),
    PerAxis("input_sequence_shape", "input", 0),
    Count("past_sequence_shape", 1, 8),
    Count("input_sequence_shape", 1, 8),
    Between("past_sequence_shape", 0, EXTENT),
    Between("input_sequence_shape", 0, EXTENT),
];
const ATTENTION: &[Rule] = &[
    Rank("q", 3, 4),
    SameRank(&["q", "k", "v"]),
    Axis("axis", "q", 0),
    Elements(&["q", "k", "v"], Float),
    Special(special::attention),
];
const GATED_DELTA: &[Rule] = &[Special(special::gated_delta)];
const CAUSAL_CONV: &[Rule] = &[Rank("weight", 2, 3), Special(special::causal_conv)];

pub const OPERATORS: &[(&str, &[Rule])] = &[
    (SUBSCRIPT, &[Between("index", 0, EXTENT), Special(shapes::subscript)]),
    ("external", &[Special(shapes::external), Special(shapes::concrete)]),
    ("tract_core_external", &[Special(shapes::concrete)]),
    ("variable", &[Special(shapes::concrete), Special(shapes::variable)]),
    ("tract_core_broadcast", &[Special(shapes::concrete), Special(shapes::broadcast)]),
    ("reshape", &[Special(shapes::reshape)]),
    ("transpose", &[Axis("axes", "input", 0), Special(shapes::permutation)]),
    ("squeeze", &[Axis("axes", "input", 0), Special(shapes::distinct)]),
    ("unsqueeze", &[Special(shapes::unsqueeze)]),
    (
        "concat",
        &[Count("values", 1, EXTENT as usize), SameRank(&["values"]), Special(shapes::joined)],
    ),
    (
        "stack",
        &[Count("values", 1, EXTENT as usize), SameRank(&["values"]), Special(shapes::joined)],
    ),
    ("unstack", &[Axis("axis", "value", 0), Special(shapes::unstack)]),
    ("slice", &[Axis("axes", "input", 0), Special(shapes::slice)]),
    ("tile", &[Between("repeats", 0, EXTENT), Special(shapes::tile)]),
    (
        "pad",
        &[
            Pairs("padding"),
            PerAxis("padding", "input", 0),
            Between("padding", 0, EXTENT),
            Special(shapes::pad),
        ],
    ),
    ("matmul", &[Rank("A", 2, 8), Rank("B", 2, 8), Special(special::matmul)]),
    ("conv", CONVOLUTION),
    ("deconv", CONVOLUTION),
    ("deconv", &[Special(geometry::deconvolution)]),
    ("tract_core_qconv", CONVOLUTION),
    ("box", POOL),
    ("max_pool_with_index", POOL),
    ("debox", POOL),
    ("debox", &[ZEROS, Special(geometry::deconvolution)]),
    ("sum_reduce", REDUCTION),
    ("max_reduce", REDUCTION),
    ("min_reduce", REDUCTION),
    ("argmax_reduce", REDUCTION),
    ("argmin_reduce", REDUCTION),
    ("all_reduce", LOGICAL_REDUCTION),
    ("any_reduce", LOGICAL_REDUCTION),
    ("tract_core_product_reduce", REDUCTION),
    ("tract_core_argmax_reduce_last", REDUCTION),
    ("tract_core_argmin_reduce_last", REDUCTION),
    ("softmax", &[Axis("axes", "x", 0)]),
    ("tract_core_softmax", &[Axis("axes", "x", 0)]),
    ("tract_core_log_softmax", &[Axis("axes", "x", 0)]),
    ("div", BINARY),
    ("tract_core_range", &[Special(special::range)]),
    ("tract_core_gather", &[Axis("axis", "input", 0), Special(indices::gather)]),
    (
        "tract_core_gather_elements",
        &[
            Axis("axis", "input", 0),
            SameRank(&["input", "indices"]),
            Special(indices::gather_elements),
        ],
    ),
    ("tract_core_gather_nd", &[Special(indices::gather_nd)]),
    (
        "tract_core_scatter_elements",
        &[
            Axis("axis", "input", 0),
            SameRank(&["input", "indices", "updates"]),
            Special(indices::scatter_elements),
        ],
    ),
    ("tract_core_scatter_nd", &[Special(indices::scatter_nd)]),
    ("tract_core_one_hot", &[Axis("axis", "input", 1), Between("dim", 0, EXTENT)]),
    ("tract_core_topk", &[Axis("axis", "input", 0), Special(indices::topk)]),
    ("tract_core_trilu", &[Rank("input", 2, 8), Rank("k", 0, 0)]),
    ("tract_core_cumsum", &[Axis("axis", "input", 0), Elements(&["input"], Number)]),
    ("tract_core_downsample", &[Axis("axis", "input", 0), Special(indices::downsample)]),
    (
        "tract_core_dyn_slice",
        &[Axis("axis", "input", 0), Between("len", 0, EXTENT), Special(shapes::dyn_slice)],
    ),
    ("tract_core_resize", &[Special(geometry::resize)]),
    ("nearest_upsample", &[Between("factor", 1, EXTENT), Special(geometry::upsample)]),
    ("multilinear_upsample", &[Between("factor", 1, EXTENT), Special(geometry::upsample)]),
    (
        "tract_core_grid_sample",
        &[Rank("input", 3, 8), SameRank(&["input", "grid"]), Special(geometry::grid)],
    ),
    ("tract_core_fft", &[Special(geometry::spectrum), Elements(&["input"], Float)]),
    (
        "tract_core_stft",
        &[
            Between("frame", 1, EXTENT),
            Between("stride", 1, EXTENT),
            Special(geometry::spectrum),
            Elements(&["input"], Float),
        ],
    ),
    ("tract_core_rms_norm", NORM),
    ("tract_transformers_rms_norm", NORM),
    ("tract_core_scaled_rms_norm", NORM),
    ("tract_core_einsum", &[Special(special::einsum)]),
    ("tract_core_einsum_q", &[Special(special::einsum)]),
    (
        "tract_core_matmul",
        &[SameRank(&["A", "B"]), Axis("axes", "A", 0), Special(special::legacy_matmul)],
    ),
    (
        "tract_core_qmatmul",
        &[SameRank(&["A", "B"]), Axis("axes", "A", 0), Special(special::legacy_matmul)],
    ),
    (
        "tract_core_gru_seq",
        &[
            Between("hidden", 1, EXTENT),
            Between("chunk", -1, 1),
            Elements(&["x", "r", "initial_h"], F32),
            Special(special::gru),
        ],
    ),
    (
        "tract_core_gru_epilogue",
        &[
            Between("hidden", 1, EXTENT),
            SameRank(&["xh", "rh", "h_prev"]),
            Special(special::gru_epilogue),
        ],
    ),
    ("tract_core_lstm_epilogue", &[Between("hidden", 1, EXTENT), Special(special::lstm_epilogue)]),
    ("tract_core_scan", &[Special(special::scan)]),
    (
        "tract_pulse_delay",
        &[Axis("axis", "input", 0), Between("delay", 0, EXTENT), Between("overlap", 0, EXTENT)],
    ),
    ("tract_pulse_mask", &[Axis("axis", "input", 0), Between("begin", 0, i64::MAX)]),
    (
        "tract_pulse_pulse_pad",
        &[
            Axis("axis", "input", 0),
            Between("before", 0, EXTENT),
            Between("after", 0, EXTENT),
            Between("overlap", 0, EXTENT),
            Between("begin_input", 0, EXTENT),
        ],
    ),
    (
        "tract_pulse_cumsum",
        &[Axis("axis", "input", 0), Between("skip", 0, EXTENT), Elements(&["input"], Number)],
    ),
    (
        "tract_extra_exp_unit_norm",
        &[
            Axis("axis", "input", 0),
            Rank("input", 1, 8),
            Elements(&["input", "state"], F32),
            Special(special::unit_norm),
        ],
    ),
    (
        "tract_extra_exp_mean_norm",
        &[Axis("axis", "input", 0), Rank("input", 1, 8), Elements(&["input", "state"], F32)],
    ),
    ("tract_transformers_apply_rope", &[Rank("input", 1, 8), Special(special::rope)]),
    ("tract_transformers_dyn_kv_cache", KV_CACHE),
    ("tract_transformers_quantized_dyn_kv_cache", KV_CACHE),
    ("tract_transformers_quantized_kv_sdpa", ATTENTION),
    ("tract_transformers_window_kv_sdpa", ATTENTION),
    ("tract_transformers_sdpa", ATTENTION_OF_MODEL),
    (
        "tract_transformers_scaled_masked_softmax",
        &[Rank("input", 1, 8), Special(special::masked_softmax)],
    ),
    ("tract_transformers_gdn_recurrent", GATED_DELTA),
    ("tract_qwen35_gdn_recurrent", GATED_DELTA),
    ("tract_transformers_causal_conv1d_update", CAUSAL_CONV),
    ("tract_qwen35_causal_conv1d_update", CAUSAL_CONV),
];
const ATTENTION_OF_MODEL: &[Rule] = &[
    Rank("q", 3, 4),
    SameRank(&["q", "k", "v"]),
    Elements(&["q", "k", "v"], Float),
    Special(special::attention),
];
