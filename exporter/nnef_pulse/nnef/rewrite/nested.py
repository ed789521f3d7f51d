"""Gives each step of a nested expression a name, where tract would give two steps one name.

tract 0.23 numbers the steps of `x = matmul(a, b) + c` as `x`, `x_1`, … and writes `.` as `_`: after
pulsing, a constant `x.1` beside a step `x_1` is assigned to the same name, and read for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.rewrite.statements import assign
from nnef_pulse.nnef.text.tree import Assignment, Block, Call, Expr, Operator, Reference

_ARITHMETIC = {"+", "-", "*", "/"}


def assigns_twice(archive: Archive) -> bool:
    """Whether the graph gives one name two values."""
    targets = Counter(name for it in archive.document.graph.body or () for name in it.targets)
    return any(count > 1 for count in targets.values())


def unnested(archive: Archive) -> Archive:
    """The same model, each call within a sum or product of its fragments in a line of its own.

    Raises:
        NnefError: the text cannot be read.
    """
    document = archive.document
    for fragment in document.fragments.values():
        if fragment.body is not None:
            document = document.with_fragment(fragment.with_body(_unnested(fragment)))
    return archive.with_document(document)


def _unnested(block: Block) -> tuple[Assignment, ...]:
    return tuple(line for it in block.body or () for line in _lines(it))


def _lines(assignment: Assignment) -> Iterator[Assignment]:
    value = assignment.value
    if not isinstance(value, Operator) or value.symbol not in _ARITHMETIC:
        yield assignment
        return
    operands: list[Expr] = []
    for n, operand in enumerate(value.operands):
        if isinstance(operand, Call):
            name = f"{assignment.targets[0]}_operand{n}"
            yield assign(name, operand)
            operand = Reference(name)
        operands.append(operand)
    yield replace(assignment, value=replace(value, operands=tuple(operands)), source=None)
