"""A syntax tree to NNEF text.

Compound operands stand in parentheses: tract lets a unary operator reach to the end of its
expression, NNEF binds it tightest, and so both read the same.
"""

from __future__ import annotations

import re

from nnef_pulse.nnef.errors import NnefSyntaxError
from nnef_pulse.nnef.text.tree import (
    Assignment,
    Block,
    Call,
    Document,
    Expr,
    Loop,
    Operator,
    Parameter,
    Reference,
    Several,
)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# The grammar's own words, which as names need quotes.
_STATEMENTS = {"version", "extension", "fragment", "graph", "if", "else", "in", "for", "yield"}
_TYPES = {"tensor", "integer", "scalar", "logical", "string", "complex"}
_RESERVED = {*_STATEMENTS, *_TYPES, "true", "false", "inf"}


def write(document: Document, *, anew: bool = False) -> str:
    """The text of a graph.nnef.

    Args:
        document: the tree.
        anew: write every node from the tree, none as it stood.

    Raises:
        NnefSyntaxError: its expressions nest too deeply.
    """
    try:
        head = _head(document) if anew or document.head is None else document.head
        fragments = [_block("fragment", block, anew) for block in document.fragments.values()]
        graph = _block("graph", document.graph, anew)
        return "".join([head, *fragments, graph, "" if anew else document.tail])
    except RecursionError:
        deep = ("expressions that nest less deeply",)
        raise NnefSyntaxError(1, 1, "expressions nested too deep to write", deep) from None


def _head(document: Document) -> str:
    lines = [f"version {document.version};"]
    lines += [f"extension {line};" for line in document.extensions]
    return "\n".join(lines) + "\n"


def _block(keyword: str, block: Block, anew: bool) -> str:
    opening = _opening(keyword, block) if anew or block.opening is None else block.opening
    closing = "\n}\n" if anew or block.closing is None else block.closing
    if block.body is None:
        return opening
    return "".join([opening, *(_assignment(it, anew) for it in block.body), closing])


def _opening(keyword: str, block: Block) -> str:
    generic = "" if block.generic is None else f"<{block.generic}>"
    inputs = ", ".join(map(_parameter, block.parameters))
    outputs = ", ".join(map(_parameter, block.results))
    end = ";\n" if block.body is None else "\n{"
    return f"\n{keyword} {_name(block.name)}{generic}({inputs}) -> ({outputs}){end}"


def _parameter(parameter: Parameter) -> str:
    kind = f": {parameter.type}" if parameter.type else ""
    default = "" if parameter.default is None else f" = {_expression(parameter.default)}"
    return f"{_name(parameter.name)}{kind}{default}"


def _assignment(assignment: Assignment, anew: bool) -> str:
    if assignment.source is not None and not anew:
        return assignment.source
    return f"\n    {_expression(assignment.target)} = {_expression(assignment.value)};"


def _expression(expression: Expr) -> str:
    if isinstance(expression, Reference):
        return _name(expression.name)
    if isinstance(expression, Call):
        generic = "" if expression.generic is None else f"<{expression.generic}>"
        arguments = ", ".join(
            _expression(value) if name is None else f"{_name(name)} = {_expression(value)}"
            for name, value in expression.arguments
        )
        return f"{_name(expression.op)}{generic}({arguments})"
    if isinstance(expression, Several):
        inside = ", ".join(map(_expression, expression.items))
        return f"({inside})" if expression.fixed else f"[{inside}]"
    if isinstance(expression, Operator):
        return _operator(expression)
    if isinstance(expression, bool):
        return "true" if expression else "false"
    return _string(expression) if isinstance(expression, str) else repr(expression)


def _operator(operator: Operator) -> str:
    symbol, operands = operator.symbol, operator.operands
    if symbol == "for":
        *loops, value = operands
        condition = "" if isinstance(loops[-1], Loop) else f" if {_operand(loops.pop())}"
        heads = ", ".join(map(_loop, loops))
        return f"[for {heads}{condition} yield {_expression(value)}]"
    if symbol == "[]":
        return f"{_operand(operands[0])}[{_expression(operands[1])}]"
    if symbol == "[:]":
        end = "" if operands[2] == "end" else _expression(operands[2])
        return f"{_operand(operands[0])}[{_expression(operands[1])}:{end}]"
    if symbol == "if":
        then, condition, otherwise = map(_operand, operands)
        return f"{then} if {condition} else {otherwise}"
    if len(operands) == 1:
        return f"{symbol.removesuffix('x')}{_operand(operands[0])}"
    return f"{_operand(operands[0])} {symbol} {_operand(operands[1])}"


def _loop(loop: Expr) -> str:
    assert isinstance(loop, Loop)
    name, values = loop.items
    return f"{_expression(name)} in {_operand(values)}"


def _operand(expression: Expr) -> str:
    text = _expression(expression)
    compound = isinstance(expression, Operator) and expression.symbol != "for"
    return f"({text})" if compound or text.startswith("-") else text


def _name(name: str) -> str:
    if _NAME.match(name) and name not in _RESERVED:
        return name
    return f"i'{name}'" if '"' in name else f'i"{name}"'


def _string(text: str) -> str:
    escaped = re.sub(r"([\\'\"])", r"\\\1", text)
    return f"'{escaped}'"
