"""Says in other nodes what tract's importer would read otherwise than ONNX means it.

The importer takes every recurrent node to have ONNX's default activations and no clipping, whatever
its attributes say (tract 0.23, onnx/src/ops/rec). An RNN of relu is therefore written out as a
Scan, which it reads as it stands; other combinations are refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import onnx
from onnx import helper, numpy_helper

from nnef_pulse.errors import UnsupportedError

# Operators section of the ONNX specification: default activations of each direction.
_DEFAULTS = {"RNN": ["tanh"], "GRU": ["sigmoid", "tanh"], "LSTM": ["sigmoid", "tanh", "tanh"]}
# From this version of the default operator set Squeeze and Unsqueeze take axes as an input.
_AXES_AS_INPUT = 13


def for_tract(model: onnx.ModelProto) -> onnx.ModelProto:
    """A model that tract reads as ONNX means the given one.

    Raises:
        UnsupportedError: a recurrent node has activations or clipping tract cannot be told of.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    opset = next((it.version for it in model.opset_import if it.domain in ("", "ai.onnx")), 1)
    nodes = list(copy.graph.node)
    del copy.graph.node[:]
    for node in nodes:
        copy.graph.node.extend(_scan(node, opset) if _is_relu_rnn(node) else [node])
    return copy


def _is_relu_rnn(node: onnx.NodeProto) -> bool:
    if node.op_type not in _DEFAULTS or node.domain not in ("", "ai.onnx"):
        return False
    given = {it.name: helper.get_attribute_value(it) for it in node.attribute}
    activations = [it.decode().lower() for it in given.get("activations", [])]
    if "clip" in given:
        raise _refused(node, f"clip={given['clip']}")
    defaults = _DEFAULTS[node.op_type]
    if activations in ([], defaults, defaults * 2):
        return False
    plain = given.get("direction", b"forward") == b"forward" and not given.get("layout")
    if node.op_type == "RNN" and activations == ["relu"] and plain and not any(node.input[4:5]):
        return True
    raise _refused(node, f"activations {', '.join(activations)}")


def _refused(node: onnx.NodeProto, why: str) -> UnsupportedError:
    return UnsupportedError(
        f"tract cannot import {node.op_type} (node {node.name!r}) with {why}: "
        f"it knows {' and '.join(_DEFAULTS[node.op_type])}, forwards"
    )


def _scan(node: onnx.NodeProto, opset: int) -> Iterator[onnx.NodeProto]:
    """`h = relu(x W' + b + h R')` over time: X (S, B, I), W (1, H, I), R (1, H, H), b (1, 2H)."""
    x, w, r, b, _, start = [*node.input, *[""] * 6][:6]
    hidden = next(it.i for it in node.attribute if it.name == "hidden_size")
    out, last = [*node.output, *[""] * 2][:2]
    name = node.name or out or last

    def wire(op: str, inputs: Sequence[str], as_: str, **attributes: object) -> onnx.NodeProto:
        return helper.make_node(op, inputs, [f"{name}.{as_}"], f"{name}.{as_}", **attributes)

    def constant(as_: str, value: object) -> onnx.NodeProto:
        array = np.asarray(value, np.int64)
        return wire("Constant", [], as_, value=numpy_helper.from_array(array, as_))

    def unsqueezed(given: str, axis: int, as_: str) -> Iterator[onnx.NodeProto]:
        if opset < _AXES_AS_INPUT:
            node = helper.make_node("Unsqueeze", [given], [as_], as_, axes=[axis])
        else:
            yield constant(f"axis{axis}", [axis])
            node = helper.make_node("Unsqueeze", [given, f"{name}.axis{axis}"], [as_], as_)
        yield node

    yield constant("zero", 0)
    for weight, as_ in ((w, "w"), (r, "r")):
        yield wire("Gather", [weight, f"{name}.zero"], f"{as_}.forward", axis=0)
        yield wire("Transpose", [f"{name}.{as_}.forward"], as_, perm=[1, 0])
    yield wire("MatMul", [x, f"{name}.w"], "unbiased")
    projected = f"{name}.unbiased"
    if b:
        yield constant("halves", [2, hidden])
        yield constant("one", 1)
        yield wire("Reshape", [b, f"{name}.halves"], "biases")
        yield wire("Gather", [f"{name}.biases", f"{name}.zero"], "bias.input", axis=0)
        yield wire("Gather", [f"{name}.biases", f"{name}.one"], "bias.state", axis=0)
        yield wire("Add", [f"{name}.bias.input", f"{name}.bias.state"], "bias")
        yield wire("Add", [projected, f"{name}.bias"], "projected")
        projected = f"{name}.projected"
    if start:
        yield wire("Gather", [start, f"{name}.zero"], "start", axis=0)
    else:
        yield constant("batch.axis", [1])
        yield constant("hidden", [hidden])
        yield wire("Shape", [x], "shape")
        yield wire("Gather", [f"{name}.shape", f"{name}.batch.axis"], "batch", axis=0)
        yield wire("Concat", [f"{name}.batch", f"{name}.hidden"], "state.shape", axis=0)
        zero = numpy_helper.from_array(np.zeros(1, np.float32), "zero")
        yield wire("ConstantOfShape", [f"{name}.state.shape"], "start", value=zero)
    yield helper.make_node(
        "Scan",
        [f"{name}.start", projected],
        [f"{name}.last", f"{name}.all"],
        name,
        body=_body(name),
        num_scan_inputs=1,
    )
    if out:
        yield from unsqueezed(f"{name}.all", 1, out)
    if last:
        yield from unsqueezed(f"{name}.last", 0, last)


def _body(name: str) -> onnx.GraphProto:
    def value(as_: str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(f"{name}.{as_}", onnx.TensorProto.FLOAT, None)

    return helper.make_graph(
        [
            helper.make_node("MatMul", [f"{name}.before", f"{name}.r"], [f"{name}.recurrent"]),
            helper.make_node("Add", [f"{name}.x", f"{name}.recurrent"], [f"{name}.sum"]),
            helper.make_node("Relu", [f"{name}.sum"], [f"{name}.after"]),
            helper.make_node("Identity", [f"{name}.after"], [f"{name}.frame"]),
        ],
        f"{name}.body",
        [value("before"), value("x")],
        [value("after"), value("frame")],
    )
