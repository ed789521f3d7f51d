"""What the passes share: making assignments, and removing those that nothing reads any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from nnef_pulse.nnef.text.tree import Assignment, Call, Expr, Reference, names


def assign(name: str, value: Expr) -> Assignment:
    """`name = value;`."""
    return Assignment(Reference(name), value)


def call(op: str, *arguments: Expr, **named: Expr) -> Call:
    """`op(arguments, name = value)`."""
    return Call(op, (*((None, it) for it in arguments), *named.items()))


def unread(body: Iterable[Assignment], outputs: Iterable[str]) -> set[str]:
    """Names that a body gives a value to, and that neither it nor the outputs read."""
    body = tuple(body)
    reads = Counter(outputs)
    for assignment in body:
        reads.update(names(assignment.value))
    return {name for assignment in body for name in assignment.targets if not reads[name]}


def without_unread(
    body: Iterable[Assignment], outputs: Iterable[str], removable: Callable[[str], bool]
) -> tuple[Assignment, ...]:
    """A body less the assignments to one removable name that nothing reads, until none is left."""
    body, outputs = tuple(body), tuple(outputs)
    while True:
        idle = set(filter(removable, unread(body, outputs)))
        kept = tuple(it for it in body if len(it.targets) != 1 or it.targets[0] not in idle)
        if len(kept) == len(body):
            return body
        body = kept
