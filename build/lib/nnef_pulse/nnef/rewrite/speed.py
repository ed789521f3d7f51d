"""Writes a model in the operators the engine is fast at.

tract 0.23 takes any constant power but 2 and 1/2 through a scalar `powf`, one value at a time, and
knows the tanh form of GELU as one operator, which it does not find again in the formula.
"""

from __future__ import annotations

from collections.abc import Mapping

from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.rewrite.gelu import spelled_out_gelus
from nnef_pulse.nnef.rewrite.statements import assign, call, unread, without_unread
from nnef_pulse.nnef.text.tree import Assignment, Block, Call, Document, Expr, Reference

# What torch_to_nnef puts around a number until its type and rank fit.
_FITTING = ("unsqueeze", "tract_core_cast")
_TANH_GELU = "gelu_fast_approx"
_REGISTRY = "tract_registry tract_core"


def rewrite(archive: Archive) -> Archive:
    """Third and fourth powers as products, GELU by tanh as one operator.

    Raises:
        NnefError: the text or a tensor cannot be read.
    """
    document = _with_gelu_fragment(_with_products(archive.document))
    rewritten = archive.with_document(document)
    inputs = {output: start for start, output in spelled_out_gelus(rewritten)}
    if inputs:
        rewritten = _with_gelus(rewritten, inputs)
    if inputs or _TANH_GELU in document.fragments:
        rewritten = rewritten.with_extensions([_REGISTRY])
    return rewritten


def _gelu(x: Expr) -> Call:
    return call("tract_core_gelu_approx", x, fast_impl=False)


def _with_gelu_fragment(document: Document) -> Document:
    fragment = document.fragments.get(_TANH_GELU)
    if fragment is None:
        return document
    [x], [y] = fragment.inputs, fragment.outputs
    return document.with_fragment(fragment.with_body([assign(y, _gelu(Reference(x)))]))


def _with_gelus(archive: Archive, inputs: Mapping[str, str]) -> Archive:
    """The archive with GELUs in place of what makes these outputs, by output to input."""
    graph = archive.document.graph
    idle = unread(graph.body or (), graph.outputs)
    body = [
        assign(it.targets[0], _gelu(Reference(inputs[it.targets[0]])))
        if len(it.targets) == 1 and it.targets[0] in inputs
        else it
        for it in graph.body or ()
    ]
    kept = without_unread(body, graph.outputs, lambda name: name not in idle)
    labels = {label for it in graph.body or () if (label := _label(it))}
    gone = labels - {label for it in kept if (label := _label(it))}
    files = {name: data for name, data in archive.files.items() if name not in gone}
    return Archive(files).with_document(archive.document.with_graph(graph.with_body(kept)))


def _label(assignment: Assignment) -> str | None:
    """The file of a variable's tensor."""
    value = assignment.value
    if isinstance(value, Call) and value.op == "variable":
        return next((f"{label}.dat" for name, label in value.arguments if name == "label"), None)
    return None


def _with_products(document: Document) -> Document:
    for fragment in document.fragments.values():
        document = document.with_fragment(_products(fragment))
    return document.with_graph(_products(document.graph))


def _products(block: Block) -> Block:
    fitted: dict[Expr, Expr] = {}
    for assignment in block.body or ():
        value = assignment.value
        if isinstance(value, Call) and value.op in _FITTING and value.arguments:
            fitted[assignment.target] = value.arguments[0][1]
    exponents: set[str] = set()
    body: list[Assignment] = []
    for assignment in block.body or ():
        body += _product(assignment, fitted, exponents) or [assignment]
    if len(body) == len(block.body or ()):
        return block
    return block.with_body(without_unread(body, block.outputs, exponents.__contains__))


def _product(
    assignment: Assignment, fitted: Mapping[Expr, Expr], exponents: set[str]
) -> list[Assignment]:
    """A third or fourth power as two products; nothing for any other assignment.

    The names that its exponent went through are added to `exponents`.
    """
    match assignment:
        case Assignment(
            Reference(out), Call("pow", ((None, Reference() as base), (None, exponent)))
        ):
            passed = []
            while isinstance(exponent, Reference) and exponent in fitted:
                passed.append(exponent.name)
                exponent = fitted[exponent]
            squared = f"{out}_squared"
            if exponent not in (3, 4):
                return []
            exponents.update(passed)
            factor = base if exponent == 3 else Reference(squared)
            return [
                assign(squared, call("mul", base, base)),
                assign(out, call("mul", Reference(squared), factor)),
            ]
    return []
