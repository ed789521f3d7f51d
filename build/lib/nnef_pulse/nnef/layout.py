"""A graph without the order of its axes, which the engine chooses anew when it rewrites one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from nnef_pulse.nnef.graph import Graph, Operation, Wire

# What only moves axes, or passes a tensor on.
_MOVING = {"transpose", "squeeze", "unsqueeze", "copy"}
_TRANSPOSED = {"transposeA", "transposeB", "transposeC"}


def without_layout(graph: Graph, contents: Mapping[str, str]) -> tuple[Operation, ...]:
    """Its operations, but those that only move axes, and constants, which are read by value.

    A product is the same whichever way round it is written. What makes an output stays.

    Args:
        graph: as read.
        contents: what each variable's label stands for, whatever its name.
    """
    stands_for: dict[str, str] = {}
    kept = []
    for it in graph.operations:
        name = it.outputs[0] if it.outputs else ""
        inputs = tuple(stands_for.get(each, each) for each in it.inputs)
        if name not in graph.outputs and it.op in _MOVING and len(inputs) == 1:
            stands_for[name] = inputs[0]
        elif name not in graph.outputs and it.op == "literal" and not inputs:
            stands_for[name] = f"{list(_flat(it.attributes.get('value')))}"
        elif name not in graph.outputs and it.op == "variable" and _label(it) in contents:
            stands_for[name] = contents[_label(it)]
        else:
            kept.append(_bare(replace(it, inputs=inputs), stands_for))
    return tuple(kept)


def _label(it: Operation) -> str:
    return str(it.attributes.get("label", ""))


def sizes(shape: Iterable[Any]) -> tuple[Any, ...]:
    """A shape without its axes of size 1."""
    return tuple(size for size in shape if size != 1)


def _bare(it: Operation, stands_for: Mapping[str, str]) -> Operation:
    attributes = {key: _rewired(value, stands_for) for key, value in it.attributes.items()}
    if it.op != "matmul":
        return replace(it, attributes=attributes)
    attributes = {key: value for key, value in attributes.items() if key not in _TRANSPOSED}
    return replace(it, inputs=tuple(sorted(it.inputs)), attributes=attributes)


def _rewired(value: Any, stands_for: Mapping[str, str]) -> Any:
    if isinstance(value, Wire):
        return Wire(stands_for.get(value, value))
    if isinstance(value, (list, tuple)):
        return [_rewired(item, stands_for) for item in value]
    return value


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    else:
        yield value
