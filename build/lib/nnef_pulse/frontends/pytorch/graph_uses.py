"""Which inputs of a traced graph its outputs depend on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# A write to one of these is a write to what it was taken from.
_VIEWS = (
    "aten::slice",
    "aten::select",
    "aten::view",
    "aten::transpose",
    "aten::unsqueeze",
    "aten::squeeze",
    "aten::narrow",
    "aten::permute",
    "aten::reshape",
)


def inputs_reaching(graph: Any, outputs: Sequence[int]) -> set[int]:
    """Positions of the tensor inputs that reach any of `outputs`, in an inlined graph."""
    returned = list(graph.outputs())
    if len(returned) == 1 and returned[0].node().kind() == "prim::TupleConstruct":
        returned = list(returned[0].node().inputs())
    writes = [node for node in graph.nodes() if node.kind().endswith("_")]
    reached: set[str] = set()
    pending = [returned[i] for i in outputs]
    while pending:
        while pending:
            value = pending.pop()
            if value.debugName() not in reached:
                reached.add(value.debugName())
                pending.extend(value.node().inputs())
        for node in writes:
            if _root(node) in reached:
                pending += [it for it in node.inputs() if it.debugName() not in reached]
    tensors = [it for it in graph.inputs() if it.type().kind() != "ClassType"]
    return {i for i, it in enumerate(tensors) if it.debugName() in reached}


def _root(write: Any) -> str:
    value = next(write.inputs())
    while value.node().kind() in _VIEWS:
        value = next(value.node().inputs())
    return str(value.debugName())
