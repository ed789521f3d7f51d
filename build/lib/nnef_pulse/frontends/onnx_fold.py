"""Makes an input a constant, and keeps the branch of each `If` that this decides.

tract imports no `If`. What its condition hangs on is evaluated by onnx's own reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from nnef_pulse.engine.model import Array

# Conditions hang on few, small values; weights are left where they are.
_LARGEST = 1024


def with_values(model: onnx.ModelProto, values: Mapping[str, Array]) -> onnx.ModelProto:
    """The model with inputs replaced by their values, and every decided `If` by its branch.

    Args:
        model: with the sizes of its inputs as they will be.
        values: input name to value.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    kept = [it for it in graph.input if it.name not in values]
    del graph.input[:]
    graph.input.extend(kept)
    graph.initializer.extend(numpy_helper.from_array(it, name) for name, it in values.items())
    while _branches(graph):
        folding = _Folding(copy, _shapes(copy))
        nodes = list(folding.fold(graph.node))
        if nodes == list(graph.node):
            break
        del graph.node[:]
        graph.node.extend(nodes)
    _drop_unread(graph)
    return copy


def _branches(graph: onnx.GraphProto) -> int:
    """How many `If` there are, those inside of branches included."""
    return sum(
        (node.op_type == "If") + sum(_branches(it.g) for it in node.attribute if it.HasField("g"))
        for node in graph.node
    )


def _shapes(model: onnx.ModelProto) -> dict[str, list[int | None]]:
    """Sizes that ONNX can tell, None where an axis is open."""
    try:
        graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    except Exception:  # it refuses some models that run: then no size decides anything
        graph = model.graph
    return {
        it.name: [dim.dim_value or None for dim in it.type.tensor_type.shape.dim]
        for it in (*graph.input, *graph.value_info)
        if it.type.tensor_type.HasField("shape")
    }


class _Folding:
    def __init__(self, model: onnx.ModelProto, shapes: Mapping[str, list[int | None]]) -> None:
        self._opsets = list(model.opset_import)
        self._shapes = shapes
        self._sizes: dict[str, list[int | None]] = {}
        self._known: dict[str, Array] = {
            it.name: numpy_helper.to_array(it)
            for it in model.graph.initializer
            if np.prod(it.dims) <= _LARGEST
        }

    def fold(self, nodes: Iterable[onnx.NodeProto]) -> list[onnx.NodeProto]:
        """The nodes left, in order."""
        result: list[onnx.NodeProto] = []
        for node in nodes:
            if node.op_type == "If" and node.input[0] in self._known:
                result += self.fold(self._branch(node))
                continue
            self._evaluate(node)
            if node.op_type != "Constant" and all(it in self._known for it in node.output):
                # As constants they tell ONNX the sizes of what is reshaped or padded by them.
                result += [_constant(it, self._known[it]) for it in node.output]
            else:
                result.append(node)
        return result

    def _branch(self, node: onnx.NodeProto) -> list[onnx.NodeProto]:
        chosen = "then_branch" if self._known[node.input[0]].all() else "else_branch"
        branch = next(it.g for it in node.attribute if it.name == chosen)
        # Branches of one model may use the same names inside.
        own = [name for it in branch.node for name in it.output if name]
        own += [it.name for it in branch.initializer]
        names = {name: f"{node.output[0]}.{name}" for name in own}
        ends = [names.get(it.name, it.name) for it in branch.output]
        inner = [_constant(names[it.name], numpy_helper.to_array(it)) for it in branch.initializer]
        inner += [_renamed(it, names) for it in branch.node]
        inner += [
            helper.make_node("Identity", [end], [name])
            for end, name in zip(ends, node.output, strict=True)
        ]
        return inner

    def _evaluate(self, node: onnx.NodeProto) -> None:
        given = [it for it in node.input if it]
        if node.op_type == "Shape" and not node.attribute and given[0] in self._shapes:
            self._sizes[node.output[0]] = self._shapes[given[0]]
        if (
            self._evaluate_size(node)
            or any(it not in self._known for it in given)
            or _has_graph(node)
        ):
            return
        inputs = [helper.make_tensor_value_info(it, 0, None) for it in given]
        outputs = [helper.make_tensor_value_info(it, 0, None) for it in node.output if it]
        model = helper.make_model(
            helper.make_graph([node], "one", inputs, outputs), opset_imports=self._opsets
        )
        try:
            results = ReferenceEvaluator(model).run(None, {it: self._known[it] for it in given})
        except Exception:  # the reference has gaps of its own: the value stays unknown
            return
        for name, value in zip(node.output, results, strict=False):
            if isinstance(value, np.ndarray | np.generic) and np.size(value) <= _LARGEST:
                self._known[name] = np.asarray(value)

    def _evaluate_size(self, node: onnx.NodeProto) -> bool:
        """Take a size, or sizes, that are not open from a shape that may have others."""
        sizes = self._sizes.get(
            node.input[0] if node.input else "", self._sizes.get(node.output[0])
        )
        if sizes is None or node.op_type not in ("Shape", "Gather", "Size"):
            return False
        chosen: Any = sizes
        if node.op_type == "Size":
            chosen = len(sizes)
        elif node.op_type == "Gather":
            if node.input[1] not in self._known:
                return False
            at = self._known[node.input[1]]
            chosen = np.reshape([sizes[int(it)] for it in at.ravel()], at.shape).tolist()
        if None in np.ravel(chosen):
            return False
        self._known[node.output[0]] = np.asarray(chosen, np.int64)
        return True


def _constant(name: str, value: Array) -> onnx.NodeProto:
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value, name))


def _renamed(node: onnx.NodeProto, names: Mapping[str, str]) -> onnx.NodeProto:
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    for field in (copy.input, copy.output):
        changed = [names.get(it, it) for it in field]
        del field[:]
        field.extend(changed)
    for attribute in copy.attribute:
        if attribute.HasField("g"):
            inner = [_renamed(it, names) for it in attribute.g.node]
            del attribute.g.node[:]
            attribute.g.node.extend(inner)
            for end in attribute.g.output:
                end.name = names.get(end.name, end.name)
    return copy


def _has_graph(node: onnx.NodeProto) -> bool:
    return any(it.HasField("g") for it in node.attribute)


def _read(nodes: Iterable[onnx.NodeProto]) -> set[str]:
    names: set[str] = set()
    for node in nodes:
        names.update(node.input)
        for attribute in node.attribute:
            if attribute.HasField("g"):
                names |= _read(attribute.g.node) | {it.name for it in attribute.g.output}
    return names


def _drop_unread(graph: onnx.GraphProto) -> None:
    outputs = {it.name for it in graph.output}
    while True:
        needed = _read(graph.node) | outputs
        nodes = [it for it in graph.node if needed & set(it.output)]
        if len(nodes) == len(graph.node):
            break
        del graph.node[:]
        graph.node.extend(nodes)
    weights = [it for it in graph.initializer if it.name in needed]
    del graph.initializer[:]
    graph.initializer.extend(weights)
