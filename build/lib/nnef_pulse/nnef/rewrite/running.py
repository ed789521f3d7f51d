"""Writes running sums and counted frames so that tract can stream them.

torch_to_nnef writes a running sum as a scan that starts from a slice of its input, and tract's
pulsing drops that slice. It writes positions as a range, whose pulsed form tract cannot write.
tract's own cumulative sum has a pulsed form that it can write, and a position is a sum of ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.rewrite.statements import assign, call, unread, without_unread
from nnef_pulse.nnef.text.tree import Assignment, Block, Call, Expr, Reference, Several

_FRAGMENTS = ("tract_cumsum", "scan_body_add")
_REGISTRY = "tract_registry tract_core"
# What a range goes through and still is one, up to its type, rank, step and start.
_ARITHMETIC = frozenset({"add", "sub", "mul", "div", "min", "max"})
_SHAPING = frozenset(
    {"neg", "floor", "copy", "squeeze", "unsqueeze", "reshape", "transpose", "tile"}
    | {"tract_core_cast", "tract_core_broadcast"}
)
_COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})


def streamed_sums(archive: Archive) -> Archive:
    """Running sums as tract's operator, and positions along an open axis of an input as sums.

    Ranges that meet each other stay: tract finds the band of an attention mask in them.

    Raises:
        NnefError: the text cannot be read.
    """
    document = archive.document
    graph = document.graph
    body = [_with_sum(it) for it in _with_positions(graph)]
    if body == list(graph.body or ()):
        return archive
    fixed = {*graph.inputs, *unread(graph.body or (), graph.outputs)}
    kept = without_unread(body, graph.outputs, lambda name: name not in fixed)
    document = document.with_graph(graph.with_body(kept))
    if not any(isinstance(it.value, Call) and it.value.op == "tract_cumsum" for it in kept):
        for name in _FRAGMENTS:
            document = document.without_fragment(name)
    return archive.with_document(document.with_extensions([_REGISTRY]))


def _sum(x: Expr, axis: Expr, *, exclusive: bool) -> Call:
    return call("tract_core_cumsum", x, axis=axis, exclusive=exclusive, reverse=False)


def _with_sum(assignment: Assignment) -> Assignment:
    match assignment:
        case Assignment(
            Reference(name), Call("tract_cumsum", ((None, x), (None, _), ("axis", axis)))
        ):
            return assign(name, _sum(x, axis, exclusive=False))
    return assignment


def _with_positions(graph: Block) -> Iterator[Assignment]:
    values = {it.targets[0]: it.value for it in graph.body or () if len(it.targets) == 1}
    for assignment in graph.body or ():
        match assignment:
            case Assignment(
                Reference(name),
                Call(
                    "tract_core_range",
                    ((None, int() as start), (None, end), ("step", 1)),
                ),
            ) if (axis := _open_axis(end, start, values)) and not _meets_another(name, graph):
                yield from _positions(name, *axis, start)
            case _:
                yield assignment


def _open_axis(end: Expr, start: int, values: Mapping[str, Expr]) -> tuple[str, int, int] | None:
    """Input, axis and rank, where the range ends `start` after the size of that open axis."""
    value = _value(end, values)
    extra = 0
    match value:
        case Call("add", ((None, size), (None, int() as extra))):
            value = _value(size, values)
    if extra != start:
        return None
    match value:
        case Call("squeeze", ((None, inner), _)):
            value = _value(inner, values)
    match value:
        case Call(
            "slice",
            ((None, shape), _, ("begin", Several((int() as axis,))), *_),
        ):
            value = _value(shape, values)
        case _:
            return None
    match value:
        case Call("tract_core_shape_of", ((None, Reference(name)),)):
            given = values.get(name)
        case _:
            return None
    match given:
        case Call("tract_core_external", (("shape", Several(sizes)), *_)):
            return (name, axis, len(sizes)) if isinstance(sizes[axis], Reference) else None
    return None


def _value(expression: Expr, values: Mapping[str, Expr]) -> Expr:
    if isinstance(expression, Reference):
        return values.get(expression.name, expression)
    return expression


def _meets_another(name: str, graph: Block) -> bool:
    """Whether an operator takes the range together with a range: the same one or another."""
    mine, ranges = {name}, {name}
    for it in graph.body or ():
        value = it.value
        if not isinstance(value, Call):
            continue
        read = [given.name for _, given in value.arguments if isinstance(given, Reference)]
        if value.op == "tract_core_range":
            ranges.update(it.targets)
        if (
            value.op in _ARITHMETIC | _COMPARISONS
            and mine & set(read)
            and len(read) > 1
            and set(read) <= ranges
        ):
            return True
        if value.op in _ARITHMETIC | _SHAPING and ranges & set(read):
            ranges.update(it.targets)
            if mine & set(read):
                mine.update(it.targets)
    return False


def _positions(name: str, source: str, axis: int, rank: int, start: int) -> Iterator[Assignment]:
    others = [it for it in range(rank) if it != axis]
    frames: Expr = Reference(source)
    if others:
        begin, end = _several([0] * len(others)), _several([1] * len(others))
        first = call("slice", frames, axes=_several(others), begin=begin, end=end, stride=end)
        yield assign(f"{name}_first", first)
        yield assign(
            f"{name}_frames",
            call("squeeze", Reference(f"{name}_first"), axes=first.arguments[1][1]),
        )
        frames = Reference(f"{name}_frames")
    # An integer beside a number is a dimension in tract, which it cannot sum: 1.0, then a cast.
    yield assign(f"{name}_values", call("tract_core_cast", frames, to="f32"))
    yield assign(f"{name}_least", call("max", Reference(f"{name}_values"), 1.0))
    yield assign(f"{name}_most", call("min", Reference(f"{name}_least"), 1.0))
    yield assign(f"{name}_ones", call("tract_core_cast", Reference(f"{name}_most"), to="i64"))
    ones = Reference(f"{name}_ones")
    if start in (0, 1):
        yield assign(name, _sum(ones, 0, exclusive=start == 0))
        return
    yield assign(f"{name}_count", _sum(ones, 0, exclusive=True))
    yield assign(name, call("add", Reference(f"{name}_count"), start))


def _several(values: list[int]) -> Several:
    return Several(tuple(values), fixed=False)
