"""What changed from one archive to another, matched by the names of what operations make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.graph import Graph, Operation, Symbolic, Wire

_WORD = re.compile(r"[A-Za-z_]\w*")
# The engine is free to swap what these read.
_COMMUTATIVE = {"add", "mul", "min", "max", "and", "or", "eq", "ne"}


@dataclass(frozen=True)
class Change:
    """One thing before and after; None where it was not there."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """All that changed; empty when nothing did."""

    extensions: tuple[Change, ...]
    properties: tuple[Change, ...]
    facts: tuple[Change, ...]
    operations: tuple[Change, ...]
    tensors: tuple[Change, ...]

    def __bool__(self) -> bool:
        return any((self.extensions, self.properties, self.facts, self.operations, self.tensors))


def difference(before: Archive, after: Archive) -> Difference:
    """Compare two archives.

    An operation that only passes one tensor on (a delay, say) and stands in one archive alone
    is reported itself; what reads its output counts as reading its input. Symbols that no input
    uses are left out, and so are sizes inside that changed because a symbol became a number.

    Raises:
        NnefError: one of the two cannot be read.
    """
    a, b = before.graph, after.graph
    idle = {f"tract_symbol {it}" for graph in (a, b) for it in _unused(graph)}
    extensions = _changes({it: it for it in a.extensions}, {it: it for it in b.extensions})
    return Difference(
        extensions=tuple(it for it in extensions if it.name not in idle),
        properties=_changes(a.properties, b.properties),
        facts=_changes(_inputs(a), _inputs(b)),
        operations=_operations(a, b),
        tensors=_changes(_digests(before), _digests(after)),
    )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    names = sorted({*before, *after})
    pairs = (Change(name, before.get(name), after.get(name)) for name in names)
    return tuple(it for it in pairs if it.before != it.after)


def _unused(graph: Graph) -> set[str]:
    used = {str(dim) for shape, _ in _inputs(graph).values() for dim in shape}
    return set(graph.symbols) - used


def _inputs(graph: Graph) -> dict[str, tuple[tuple[int | str, ...], str]]:
    return {name: fact for name, fact in graph.facts.items() if name in graph.inputs}


def _operations(a: Graph, b: Graph) -> tuple[Change, ...]:
    before, after = _by_output(a.operations), _by_output(b.operations)
    added = {name: it for name, it in after.items() if name not in before}
    removed = {name: it for name, it in before.items() if name not in after}
    through_added, through_removed = _passed(added.values()), _passed(removed.values())
    fixed = _unused(b) - _unused(a)
    changes = [Change(name, it, None) for name, it in removed.items()]
    changes += [Change(name, None, it) for name, it in added.items()]
    for name, it in before.items():
        if name not in after or it.op in ("external", "tract_core_external"):
            continue
        left, right = _seen(it, through_removed), _seen(after[name], through_added)
        if not _alike(left, right, fixed):
            changes.append(Change(name, it, after[name]))
    return tuple(sorted(changes, key=lambda it: (it.after or it.before).line))


def _by_output(operations: Iterable[Operation]) -> dict[str, Operation]:
    return {it.outputs[0]: it for it in operations if it.outputs}


def _passed(operations: Iterable[Operation]) -> dict[str, str]:
    return {it.outputs[0]: it.inputs[0] for it in operations if len(it.inputs) == 1}


def _alike(left: Any, right: Any, fixed: set[str]) -> bool:
    """Whether two values are the same but for sizes over symbols that became numbers.

    Such a size changed because an input's fact did, and that is reported as a fact.
    """
    if isinstance(left, Symbolic) and fixed & set(_WORD.findall(left)):
        return isinstance(right, (int, Symbolic))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            _alike(left[key], right[key], fixed) for key in left
        )
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(
            _alike(a, b, fixed) for a, b in zip(left, right, strict=True)
        )
    return bool(left == right)


def _seen(it: Operation, through: Mapping[str, str]) -> tuple[Any, ...]:
    def origin(name: str) -> str:
        # A chain cannot be longer than the names it goes through.
        for _ in range(len(through)):
            if name not in through:
                break
            name = through[name]
        return name

    def rewired(value: Any) -> Any:
        if isinstance(value, Wire):
            return origin(value)
        if isinstance(value, (list, tuple)):
            return [rewired(item) for item in value]
        return value

    attributes = {key: rewired(value) for key, value in it.attributes.items()}
    inputs = [origin(name) for name in it.inputs]
    if it.op in _COMMUTATIVE:
        inputs.sort()
    return it.op, inputs, it.outputs, attributes


def _digests(archive: Archive) -> dict[str, tuple[tuple[int, ...], str, str]]:
    return {
        name: (tensor.shape, tensor.dtype, sha256(tensor.data).hexdigest()[:12])
        for name, tensor in archive.tensors.items()
    }
