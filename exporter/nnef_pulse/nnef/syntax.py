"""NNEF text to a syntax tree, with errors that say where and what was expected."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args

from nnef_pulse.nnef.errors import NnefSyntaxError


@dataclass(frozen=True)
class Reference:
    """A name in an expression: a tensor's or a symbol's."""

    name: str


@dataclass(frozen=True)
class Call:
    """An invocation: operator, then arguments with the names they were given, None by position."""

    op: str
    arguments: tuple[tuple[str | None, Expr], ...]
    generic: str | None = None
    """The type between angle brackets, as in `variable<integer>(…)`."""


@dataclass(frozen=True)
class Operator:
    """A unary, binary, subscript, choice or comprehension expression, by its symbol."""

    symbol: str
    operands: tuple[Expr, ...]


@dataclass(frozen=True)
class Several:
    """An array `[…]` or, when `fixed`, a tuple `(…)`."""

    items: tuple[Expr, ...]
    fixed: bool


Expr: TypeAlias = Reference | Call | Operator | Several | int | float | str | bool


@dataclass(frozen=True)
class Assignment:
    """`targets = value;` and the line it starts on."""

    targets: tuple[str, ...]
    value: Expr
    line: int


@dataclass(frozen=True)
class Block:
    """A fragment or the graph: names in, names out, and its assignments."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    body: tuple[Assignment, ...]


@dataclass(frozen=True)
class Document:
    """A whole graph.nnef."""

    version: str
    extensions: tuple[str, ...]
    fragments: dict[str, Block] = field(default_factory=dict)
    graph: Block = field(default=Block("", (), (), ()))


def parse(text: str) -> Document:
    """Read a graph.nnef.

    Raises:
        NnefSyntaxError: the text is not NNEF.
    """
    try:
        document: Document = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise _located(error, text) from None
    return document


@cache
def _parser() -> Lark:
    grammar = files("nnef_pulse.nnef").joinpath("grammar.lark").read_text()
    # The tree is built while parsing, so nothing recurses however deep the text nests.
    return Lark(grammar, start="document", parser="lalr", transformer=_Build())


_SPOKEN = {
    "NAME": "a name",
    "QUOTED_NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string",
    "TYPE": "a type",
    "GENERIC": "a type in <>",
    "EXTENSION": "an extension",
    "TRUE": "true",
    "FALSE": "false",
    "COMPARE": "a comparison",
    "LOGICAL": "&& or ||",
    "$END": "the end",
}


def _located(error: UnexpectedInput, text: str) -> NnefSyntaxError:
    line, column = error.line, error.column
    wanted = getattr(error, "accepts", None) or getattr(error, "expected", None)
    wanted = wanted or getattr(error, "allowed", None) or ()
    if (isinstance(error, UnexpectedToken) and error.token.type == "$END") or line < 1:
        lines = text.split("\n")
        line, column, found = len(lines), len(lines[-1]) + 1, "the end"
    elif isinstance(error, UnexpectedToken):
        found = repr(str(error.token)[:40])
    else:
        found = repr(text[error.pos_in_stream or 0 :][:1])
    spoken = {_SPOKEN.get(it) or _terminal(it) for it in wanted}
    return NnefSyntaxError(line, column, found, tuple(sorted(spoken)))


def _terminal(name: str) -> str:
    pattern = next((it.pattern.value for it in _parser().terminals if it.name == name), name)
    return repr(pattern)


# Far above what a value needs; Python refuses to read thousands of digits.
_LONGEST_NUMBER = 1000

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def _unquoted(text: str) -> str:
    return _ESCAPE.sub(r"\1", text[1:-1])


@v_args(inline=True)
class _Build(Transformer[Token, Any]):
    """Builds the tree bottom up; each method bears the name of its rule."""

    def document(
        self, version: str, extensions: tuple[str, ...], fragments: dict[str, Block], graph: Block
    ) -> Document:
        return Document(version, extensions, fragments, graph)

    def version(self, number: Token) -> str:
        return str(number)

    def extensions(self, *lines: Token) -> tuple[str, ...]:
        return tuple(" ".join(line[len("extension") : -1].split()) for line in lines)

    def fragments(self, *blocks: Block) -> dict[str, Block]:
        return {block.name: block for block in blocks}

    def fragment(self, name: Token, *parts: Any) -> Block:
        inputs = tuple(it for kind, it in _tagged(parts) if kind == "in")
        outputs = tuple(it for kind, it in _tagged(parts) if kind == "out")
        body = next((it for kind, it in _tagged(parts) if kind == "body"), ())
        return Block(str(name), inputs, outputs, body)

    def parameter(self, name: Token, *_: Any) -> tuple[str, str]:
        return "in", str(name)

    def result(self, name: Token, *_: Any) -> tuple[str, str]:
        return "out", str(name)

    def tensor_type(self, *_: Any) -> None:
        return None

    def tuple_type(self, *_: Any) -> None:
        return None

    def graph(self, name: Token, inputs: Any, outputs: Any, body: tuple[str, Any]) -> Block:
        return Block(str(name), inputs, outputs, body[1])

    def names(self, *names: Token | None) -> tuple[str, ...]:
        return tuple(str(it) for it in names if it is not None)

    def body(self, *assignments: Assignment) -> tuple[str, tuple[Assignment, ...]]:
        return "body", assignments

    def assignment(self, *parts: Any) -> Assignment:
        targets = tuple(it for part in parts[:-1] for it in part)
        line = targets[0].line if targets else 0
        return Assignment(tuple(str(it) for it in targets), parts[-1], line or 0)

    def lvalue(self, *parts: Any) -> tuple[Token, ...]:
        flat: list[Token] = []
        for part in parts:
            flat.extend([part] if isinstance(part, Token) else part)
        return tuple(flat)

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

    def loop(self, name: Token, values: Expr) -> Several:
        return Several((Reference(str(name)), values), fixed=True)

    def comprehension(self, *parts: Expr) -> Operator:
        return Operator("for", parts)


def _tagged(parts: tuple[Any, ...]) -> list[tuple[str, Any]]:
    return [it for it in parts if isinstance(it, tuple)]
