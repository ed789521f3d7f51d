"""What changed from one archive to another, matched by the names of what operations make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from operator import eq
from typing import Any

from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.graph import Graph, Operation, Symbolic, Wire
from nnef_pulse.nnef.layout import sizes, without_layout

_WORD = re.compile(r"[A-Za-z_]\w*")
# The engine is free to swap what these read.
_COMMUTATIVE = {"add", "mul", "min", "max", "and", "or", "eq", "ne"}

_SCAN, _SKIP = "tract_core_scan", "skip"

SameSize = Callable[[Symbolic, Symbolic], bool]


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


def difference(before: Archive, after: Archive, *, same_size: SameSize = eq) -> Difference:
    """Compare two archives.

    An operation that only passes one tensor on (a delay, say) and stands in one archive alone
    is reported itself; what reads its output counts as reading its input. Symbols that no input
    uses are left out, and so are sizes inside that changed because a symbol became a number.
    Facts are those the texts state: of inputs, and what scans skip. Between a pulsed form and
    another, the order of axes is left out: the engine chose it anew, knowing other sizes.

    Args:
        before: an archive.
        after: another.
        same_size: whether two sizes inside that are spelt over symbols are one; by default, where
            they are spelt alike.

    Raises:
        NnefError: one of the two cannot be read.
    """
    a, b = before.graph, after.graph
    laid_out = _pulsed(a) == _pulsed(b)
    idle = {f"tract_symbol {it}" for graph in (a, b) for it in _unused(graph)}
    extensions = _changes({it: it for it in a.extensions}, {it: it for it in b.extensions})
    return Difference(
        extensions=tuple(it for it in extensions if it.name not in idle),
        properties=_changes(a.properties, b.properties),
        facts=(*_changes(_inputs(a), _inputs(b)), *skips(a, b)),
        operations=_operations(before, after, laid_out, same_size),
        tensors=_tensors(before, after, laid_out),
    )


def skips(before: Graph, after: Graph) -> tuple[Change, ...]:
    """How many frames of delay each scan lets pass before it begins, where that changed.

    It belongs to the facts: it follows from where on its input's frames mean something.
    """
    return _changes(_skips(before), _skips(after))


def _skips(graph: Graph) -> dict[str, Any]:
    return {
        f"{it.outputs[0]}.{_SKIP}": it.attributes.get(_SKIP, 0)
        for it in graph.operations
        if it.op == _SCAN and it.outputs
    }


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    names = sorted({*before, *after})
    pairs = (Change(name, before.get(name), after.get(name)) for name in names)
    return tuple(it for it in pairs if it.before != it.after)


def _unused(graph: Graph) -> set[str]:
    used = {str(dim) for shape, _ in _inputs(graph).values() for dim in shape}
    return set(graph.symbols) - used


def _inputs(graph: Graph) -> dict[str, tuple[tuple[int | str, ...], str]]:
    return {name: fact for name, fact in graph.facts.items() if name in graph.inputs}


def _pulsed(graph: Graph) -> bool:
    return "pulse.delay" in graph.properties


def _tensors(a: Archive, b: Archive, laid_out: bool) -> tuple[Change, ...]:
    before, after = _digests(a, laid_out), _digests(b, laid_out)
    changes = _changes(before, after)
    if laid_out:
        return changes
    # The engine shares equal tensors, under any one of their names.
    kept = {*before.values()} & {*after.values()}
    return tuple(it for it in changes if {it.before, it.after} - {None} - kept)


def _operations(
    old: Archive, new: Archive, laid_out: bool, same_size: SameSize
) -> tuple[Change, ...]:
    a, b = old.graph, new.graph
    shown = [_by_output(it.operations) for it in (a, b)]
    before, after = (
        _by_output(it.graph.operations if laid_out else without_layout(it.graph, _contents(it)))
        for it in (old, new)
    )
    added = {name: it for name, it in after.items() if name not in before}
    removed = {name: it for name, it in before.items() if name not in after}
    through_added, through_removed = _passed(added.values()), _passed(removed.values())
    fixed = _unused(a) ^ _unused(b)
    changes = [Change(name, shown[0][name], None) for name in removed]
    changes += [Change(name, None, shown[1][name]) for name in added]
    for name, it in before.items():
        if name not in after or it.op in ("external", "tract_core_external"):
            continue
        left, right = _seen(it, through_removed), _seen(after[name], through_added)
        if not _alike(left, right, fixed, same_size):
            changes.append(Change(name, shown[0][name], shown[1][name]))
    return tuple(sorted(changes, key=lambda it: (it.after or it.before).line))


def _contents(archive: Archive) -> dict[str, str]:
    return {name: str(found) for name, found in _digests(archive, laid_out=False).items()}


def _by_output(operations: Iterable[Operation]) -> dict[str, Operation]:
    return {it.outputs[0]: it for it in operations if it.outputs}


def _passed(operations: Iterable[Operation]) -> dict[str, str]:
    return {it.outputs[0]: it.inputs[0] for it in operations if len(it.inputs) == 1}


def _alike(left: Any, right: Any, fixed: set[str], same_size: SameSize) -> bool:
    """Whether two values are the same but for sizes over symbols that became numbers.

    Such a size changed because an input's fact did, and that is reported as a fact.
    """
    if any(isinstance(it, Symbolic) and fixed & {*_WORD.findall(it)} for it in (left, right)):
        return isinstance(left, (int, Symbolic)) and isinstance(right, (int, Symbolic))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            _alike(left[key], right[key], fixed, same_size) for key in left
        )
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(
            _alike(a, b, fixed, same_size) for a, b in zip(left, right, strict=True)
        )
    if isinstance(left, Symbolic) and isinstance(right, Symbolic):
        return same_size(left, right)
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

    attributes = {
        key: rewired(value)
        for key, value in it.attributes.items()
        if (it.op, key) != (_SCAN, _SKIP)
    }
    inputs = [origin(name) for name in it.inputs]
    if it.op in _COMMUTATIVE:
        inputs.sort()
    return it.op, inputs, it.outputs, attributes


def _digests(archive: Archive, laid_out: bool) -> dict[str, tuple[tuple[int, ...], str, str]]:
    return {
        name: (
            tensor.shape if laid_out else sizes(tensor.shape),
            tensor.dtype,
            sha256(tensor.data).hexdigest()[:12],
        )
        for name, tensor in archive.tensors.items()
    }
