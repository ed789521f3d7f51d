"""Writes a model so that tract reads it as it is meant, and can write it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.errors import NnefSyntaxError
from nnef_pulse.nnef.rewrite.statements import assign, call
from nnef_pulse.nnef.text.tree import (
    Block,
    Document,
    Expr,
    Operator,
    Reference,
    with_children,
    within,
)
from nnef_pulse.nnef.text.writer import write

_EXACT_GELU = "tract_gelu"
_UNARY = {"-x": "neg", "+x": "", "!x": "not"}


def readable(archive: Archive) -> Archive:
    """The same model, written so that tract reads its expressions as NNEF defines them.

    tract 0.23 lets a unary operator reach to the end of its expression, so that `-a + b` is
    -(a + b), and then refuses unary operators on anything but numbers.

    Raises:
        NnefError: the text cannot be read.
    """
    document = archive.document
    if not any(map(_is_misread, _expressions(document))):
        return archive
    for fragment in document.fragments.values():
        document = document.with_fragment(_without_unary(fragment))
    document = document.with_graph(_without_unary(document.graph))
    return archive.with_text(write(document, anew=True))


def _expressions(document: Document) -> Iterator[Expr]:
    for block in (*document.fragments.values(), document.graph):
        for assignment in block.body or ():
            yield from within(assignment.value)


def _is_misread(expression: Expr) -> bool:
    return isinstance(expression, Operator) and (
        expression.symbol in _UNARY or any(map(_is_negative, expression.operands))
    )


def _is_negative(expression: Expr) -> bool:
    return isinstance(expression, (int, float)) and expression < 0


def _without_unary(block: Block) -> Block:
    try:
        body = [replace(it, value=_called(it.value), source=None) for it in block.body or ()]
    except RecursionError:
        deep = ("expressions that nest less deeply",)
        raise NnefSyntaxError(1, 1, "expressions nested too deep to rewrite", deep) from None
    return block if block.body is None else block.with_body(body)


def _called(expression: Expr) -> Expr:
    expression = with_children(expression, _called)
    if isinstance(expression, Operator) and expression.symbol in _UNARY:
        op, operand = _UNARY[expression.symbol], expression.operands[0]
        return call(op, operand) if op else operand
    return expression


def writable(archive: Archive) -> Archive:
    """The same model with exact GELU as operators that tract can write.

    tract fuses `x/2 * (1 + erf(x/√2))` into an operator it has no text for; written
    `x/2 + x/2 * erf(x/√2)` it stays two operators that it can write.

    Raises:
        NnefError: the text cannot be read.
    """
    fragment = archive.document.fragments.get(_EXACT_GELU)
    if fragment is None:
        return archive
    x, half = Reference(fragment.inputs[0]), Reference("half")
    error = call("tract_core_erf", Operator("*", (x, 0.7071067811865475)))
    body = [
        assign(half.name, Operator("*", (0.5, x))),
        assign(fragment.outputs[0], Operator("+", (half, Operator("*", (half, error))))),
    ]
    return archive.with_document(archive.document.with_fragment(fragment.with_body(body)))
