"""Builds the syntax tree while the text is parsed: nothing recurses, however deep it nests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lark import Token, Transformer, v_args

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


@dataclass(frozen=True)
class Body:
    """Assignments, each with the place its text ends."""

    assignments: tuple[tuple[Assignment, int], ...]
    opened: int
    closed: int


@dataclass(frozen=True)
class Parsed:
    """A tree whose nodes do not have their text yet."""

    document: Document
    head_end: int
    bodies: tuple[Body | int, ...]
    """Of the fragments and the graph; a number where a fragment is declared alone."""


def builder() -> Transformer[Token, Any]:
    """What lark calls at each rule."""
    return _Builder()


# Far above what a value needs; Python refuses to read thousands of digits.
_LONGEST_NUMBER = 1000

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def _unquoted(text: str) -> str:
    return _ESCAPE.sub(r"\1", text[1:-1])


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Builds the tree bottom up; each method bears the name of its rule."""

    def document(
        self,
        version: tuple[str, int],
        extensions: Sequence[Token],
        fragments: Sequence[tuple[Block, Body | int]],
        graph: tuple[Block, Body],
    ) -> Parsed:
        lines = tuple(" ".join(line[len("extension") : -1].split()) for line in extensions)
        last: dict[str, tuple[Block, Body | int]] = {}
        for block, body in fragments:
            # The last of several fragments of one name counts; the order is the text's.
            last.pop(block.name, None)
            last[block.name] = block, body
        blocks = {name: block for name, (block, _) in last.items()}
        bodies = (*(body for _, body in last.values()), graph[1])
        document = Document(version[0], lines, blocks, graph[0])
        ends = [version[1], *(line.end_pos or 0 for line in extensions)]
        return Parsed(document, ends[-1], bodies)

    def version(self, number: Token, end: Token) -> tuple[str, int]:
        return str(number), end.end_pos or 0

    def extensions(self, *lines: Token) -> tuple[Token, ...]:
        return lines

    def fragments(self, *blocks: tuple[Block, Body | int]) -> tuple[Any, ...]:
        return blocks

    def fragment(self, name: Token, *parts: Any) -> tuple[Block, Body | int]:
        generic = next((it.strip("<> ") for it in parts if _is(it, "GENERIC")), None)
        inputs = tuple(it for kind, it in _tagged(parts) if kind == "in")
        outputs = tuple(it for kind, it in _tagged(parts) if kind == "out")
        body = parts[-1]
        if isinstance(body, Body):
            return Block(str(name), inputs, outputs, _plain(body), generic), body
        return Block(str(name), inputs, outputs, None, generic), body.end_pos

    def parameter(
        self, name: Token, kind: str, default: Expr | None = None
    ) -> tuple[str, Parameter]:
        return "in", Parameter(str(name), kind, default)

    def result(self, name: Token, kind: str) -> tuple[str, Parameter]:
        return "out", Parameter(str(name), kind)

    def type(self, *parts: str) -> str:
        return "".join(parts)

    def brackets(self) -> str:
        return "[]"

    def tensor_type(self, generic: Token) -> str:
        return f"tensor<{generic.strip('<> ')}>"

    def tuple_type(self, *types: str) -> str:
        return f"({', '.join(types)})"

    def graph(
        self, name: Token, inputs: Sequence[str], outputs: Sequence[str], body: Body
    ) -> tuple[Block, Body]:
        parameters, results = tuple(map(Parameter, inputs)), tuple(map(Parameter, outputs))
        return Block(str(name), parameters, results, _plain(body)), body

    def names(self, *names: Token | None) -> tuple[str, ...]:
        return tuple(str(it) for it in names if it is not None)

    def body(self, opened: Token, *parts: Any) -> Body:
        *assignments, closed = parts
        return Body(tuple(assignments), opened.end_pos or 0, closed.end_pos)

    def assignment(self, target: Expr, value: Expr, end: Token) -> tuple[Assignment, int]:
        return Assignment(target, value), end.end_pos or 0

    def lvalues(self, *targets: Expr) -> Expr:
        return targets[0] if len(targets) == 1 else Several(targets, fixed=True)

    def name(self, token: Token) -> Token:
        if token.type == "QUOTED_NAME":
            return token.update(value=token[2:-1])
        return token

    def reference(self, name: Token) -> Reference:
        return Reference(str(name))

    def number(self, token: Token) -> int | float:
        if len(token) > _LONGEST_NUMBER:
            found, fewer = f"a number of {len(token)} characters", "a number of fewer digits"
            raise NnefSyntaxError(token.line or 1, token.column or 1, found, (fewer,))
        return int(token) if token.isdigit() else float(token)

    def string(self, token: Token) -> str:
        return _unquoted(token)

    def true(self, _: Token) -> bool:
        return True

    def false(self, _: Token) -> bool:
        return False

    def fixed(self, *items: Expr) -> Several:
        return Several(items, fixed=True)

    def array(self, *items: Expr) -> Several:
        return Several(items, fixed=False)

    def call(self, name: Token, *arguments: Any) -> Call:
        generic = next((it.strip("<> ") for it in arguments if isinstance(it, Token)), None)
        return Call(str(name), tuple(it for it in arguments if isinstance(it, tuple)), generic)

    def named(self, name: Token, value: Expr) -> tuple[str, Expr]:
        return str(name), value

    def positional(self, value: Expr) -> tuple[None, Expr]:
        return None, value

    def unary(self, symbol: Token, operand: Expr) -> Expr:
        if isinstance(operand, (int, float)) and not isinstance(operand, bool):
            if symbol == "-":
                return -operand
            if symbol == "+":
                return operand
        return Operator(f"{symbol}x", (operand,))

    def binary(self, left: Expr, symbol: Token, right: Expr) -> Operator:
        return Operator(str(symbol), (left, right))

    def binary_in(self, left: Expr, right: Expr) -> Operator:
        return Operator("in", (left, right))

    def choice(self, then: Expr, condition: Expr, otherwise: Expr) -> Operator:
        return Operator("if", (then, condition, otherwise))

    def element(self, value: Expr, index: Expr) -> Operator:
        return Operator("[]", (value, index))

    def part(self, value: Expr, bounds: tuple[Expr, ...]) -> Operator:
        return Operator("[:]", (value, *bounds))

    def range(self, start: Expr, end: Expr) -> tuple[Expr, Expr]:
        return start, end

    def start(self, value: Expr | None) -> Expr:
        return 0 if value is None else value

    def end(self, value: Expr | None) -> Expr:
        return "end" if value is None else value

    def loop(self, name: Token, values: Expr) -> Loop:
        return Loop((Reference(str(name)), values), fixed=True)

    def comprehension(self, *parts: Expr) -> Operator:
        return Operator("for", parts)


def _tagged(parts: Sequence[Any]) -> list[tuple[str, Any]]:
    return [it for it in parts if isinstance(it, tuple)]


def _plain(body: Body) -> tuple[Assignment, ...]:
    return tuple(assignment for assignment, _ in body.assignments)


def _is(part: object, terminal: str) -> bool:
    return isinstance(part, Token) and part.type == terminal
