"""Names of the parameters that NNEF 1.0.5's operators are given by position."""

from __future__ import annotations

_BINARY = "add sub mul div pow lt gt le ge eq ne and or min max"
_REDUCE = "sum_reduce max_reduce min_reduce mean_reduce argmax_reduce argmin_reduce"
_POOL = "max_pool avg_pool box"

PARAMETERS: dict[str, tuple[str, ...]] = {
    "external": ("shape",),
    "variable": ("shape", "label"),
    "constant": ("shape", "value"),
    "reshape": ("input", "shape", "axis_start", "axis_count"),
    "transpose": ("input", "axes"),
    "concat": ("values", "axis"),
    "stack": ("values", "axis"),
    "unstack": ("value", "axis"),
    "split": ("value", "axis", "ratios"),
    "slice": ("input", "axes", "begin", "end", "stride"),
    "squeeze": ("input", "axes"),
    "unsqueeze": ("input", "axes"),
    "tile": ("input", "repeats"),
    "pad": ("input", "padding", "border", "value"),
    "select": ("condition", "true_value", "false_value"),
    "clamp": ("x", "a", "b"),
    "matmul": ("A", "B", "transposeA", "transposeB"),
    "linear": ("input", "filter", "bias"),
    "conv": ("input", "filter", "bias", "border", "padding", "stride", "dilation", "groups"),
    "deconv": ("input", "filter", "bias", "border", "padding", "stride", "dilation"),
    "softmax": ("x", "axes"),
    "leaky_relu": ("x", "alpha"),
    "batch_normalization": ("input", "mean", "variance", "offset", "scale", "epsilon"),
    **dict.fromkeys(_BINARY.split(), ("x", "y")),
    **dict.fromkeys(_REDUCE.split(), ("input", "axes", "normalize")),
    **dict.fromkeys(_POOL.split(), ("input", "size", "border", "padding", "stride", "dilation")),
}
