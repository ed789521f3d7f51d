"""Dimensions and asserts over symbols, read as tract reads and prints them.

`/` binds tighter than `*` and divides by a number alone, so `2*S/3` means `2*(S/3)`. Division
truncates towards zero: `-S/2` is -8 at S=17. `a#b` broadcasts.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from importlib.resources import files
from typing import Any, TypeAlias

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from nnef_pulse.errors import ExpressionError, SymbolError

Sizes = Mapping[str, int]
_Value: TypeAlias = Callable[[Sizes], int]
_Binary: TypeAlias = Callable[[int, int], int]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def _broadcast(a: int, b: int) -> int:
    return b if a == 1 else a


def _divide(a: int, b: int) -> int:
    return a // b if a >= 0 else -(-a // b)


_FUNCTIONS: dict[str, _Binary] = {"min": min, "max": max, "broadcast": _broadcast}
# More than what divisors of models multiply to, after which roundings repeat.
_SIZES_TRIED = 1024

_LONGEST_SHOWN = 100
# Values are computed by nested calls.
_DEEPEST = 100

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


def check_symbol(name: str) -> str:
    """Return `name` if it can name a symbol.

    Raises:
        SymbolError: it cannot.
    """
    if not _NAME.match(name):
        raise SymbolError(f"{name!r} cannot name a symbol: use a letter, then letters or digits")
    if name in _FUNCTIONS:
        raise SymbolError(f"{name!r} cannot name a symbol: it is a function in dimensions")
    return name


@dataclass(frozen=True)
class Expression:
    """An integer expression over symbols, such as `-3+(S+3)/4`."""

    text: str
    symbols: frozenset[str]
    _value: _Value

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Read a dimension.

        Raises:
            ExpressionError: the text is no expression; the message gives the column.
        """
        node = _read("dimension", text)
        return cls(text.strip(), node.symbols, node.value)

    def __reduce__(self) -> tuple[Callable[[str], Expression], tuple[str]]:
        return Expression.parse, (self.text,)

    def at(self, sizes: Sizes) -> int:
        """Evaluate with a value for every symbol.

        Raises:
            SymbolError: a symbol has no value.
        """
        missing = self.symbols - sizes.keys()
        if missing:
            raise SymbolError(f"no value for {', '.join(sorted(missing))} in {self.text}")
        return self._value(sizes)


def same_size(one: str, other: str) -> bool:
    """Whether two dimensions have the same values, as far as a run of sizes tells.

    The sizes of one symbol follow each other, to tell rounded divisions apart; those of several
    move at speeds of their own. What is no expression is only itself.
    """
    if one == other:
        return True
    try:
        left, right = Expression.parse(one), Expression.parse(other)
    except ExpressionError:
        return False
    symbols = sorted(left.symbols | right.symbols)
    return all(
        left.at(sizes) == right.at(sizes)
        for step in range(_SIZES_TRIED)
        for sizes in [{symbol: 1 + step * (1 + 2 * n) for n, symbol in enumerate(symbols)}]
    )


@dataclass(frozen=True)
class Assertion:
    """A comparison that must hold, such as `S+P < 64`."""

    text: str
    symbols: frozenset[str]
    _holds: _Value

    @classmethod
    def parse(cls, text: str) -> Assertion:
        """Read an assert.

        Raises:
            ExpressionError: the text is no comparison of two expressions.
        """
        node = _read("assertion", text)
        return cls(text.strip(), node.symbols, node.value)

    def __reduce__(self) -> tuple[Callable[[str], Assertion], tuple[str]]:
        return Assertion.parse, (self.text,)

    def holds(self, sizes: Sizes) -> bool:
        """Whether it holds; symbols without a value leave it open, which counts as holding."""
        return not self.symbols <= sizes.keys() or bool(self._holds(sizes))


@dataclass(frozen=True)
class _Node:
    """What a part of the text computes."""

    value: _Value
    symbols: frozenset[str] = frozenset()
    depth: int = 1


class _TooDeepError(Exception):
    """Parts nest deeper than they can be computed."""


@v_args(inline=True)
class _Builder(Transformer[Token, _Node]):
    """Builds a value bottom up; each method bears the name of its rule."""

    def dimension(self, node: _Node) -> _Node:
        return node

    def assertion(self, left: _Node, comparison: Token, right: _Node) -> _Node:
        return _joined(left, [(_COMPARE[comparison], right)])

    def expression(self, first: _Node, *rest: Any) -> _Node:
        return _chain(_broadcast, first, rest)

    def sum(self, first: _Node, *rest: Any) -> _Node:
        return _chain(operator.add, first, rest)

    def difference(self, first: _Node, *rest: Any) -> _Node:
        return _chain(operator.sub, first, rest)

    def product(self, first: _Node, *rest: Any) -> _Node:
        return _chain(operator.mul, first, rest)

    def quotient(self, first: _Node, *rest: Token) -> _Node:
        divisors = [int(token) for token in rest[1::2]]
        if 0 in divisors:
            token = rest[1 + 2 * divisors.index(0)]
            raise _RefusedError(token.start_pos or 0, "a number above 0 to divide by")
        return _joined(first, [(_divide, self.number(token)) for token in rest[1::2]])

    def number(self, token: Token) -> _Node:
        number = int(token)
        return _Node(lambda _: number)

    def symbol(self, token: Token) -> _Node:
        name = str(token)
        return _Node(lambda sizes: sizes[name], frozenset([name]))

    def negative(self, _: Token, node: _Node) -> _Node:
        value = node.value
        return _deeper(_Node(lambda sizes: -value(sizes), node.symbols, node.depth))

    def call(self, name: Token, first: _Node, *rest: _Node) -> _Node:
        if name not in _FUNCTIONS:
            raise _RefusedError(name.start_pos or 0, f"one of {', '.join(_FUNCTIONS)} before `(`")
        return _joined(first, [(_FUNCTIONS[name], node) for node in rest])


class _RefusedError(Exception):
    """A text that the grammar takes and tract does not."""

    def __init__(self, position: int, expected: str) -> None:
        super().__init__(expected)
        self.position = position


def _chain(do: _Binary, first: _Node, rest: tuple[Any, ...]) -> _Node:
    return _joined(first, [(do, node) for node in rest[1::2]])


def _joined(first: _Node, rest: list[tuple[_Binary, _Node]]) -> _Node:
    """Operands joined from the left: one level deep, however many they are."""
    if not rest:
        return first
    start, steps = first.value, [(do, node.value) for do, node in rest]
    nodes = [first, *(node for _, node in rest)]

    def value(sizes: Sizes) -> int:
        return reduce(lambda left, step: step[0](left, step[1](sizes)), steps, start(sizes))

    symbols = frozenset().union(*(node.symbols for node in nodes))
    return _deeper(_Node(value, symbols, max(node.depth for node in nodes)))


def _deeper(node: _Node) -> _Node:
    if node.depth == _DEEPEST:
        raise _TooDeepError
    return _Node(node.value, node.symbols, node.depth + 1)


@cache
def _parser() -> Lark:
    grammar = files("nnef_pulse.nnef.text").joinpath("dimensions.lark").read_text()
    starts = ["dimension", "assertion"]
    return Lark(grammar, start=starts, parser="lalr", transformer=_Builder())


_NAMES = {"NAME": "a symbol", "NUMBER": "a number", "COMPARE": "a comparison", "$END": "the end"}
_NAMES |= {"HASH": "#", "PLUS": "+", "MINUS": "-", "TIMES": "*", "OVER": "/"}
_NAMES |= {"LPAR": "(", "RPAR": ")", "COMMA": ","}


def _read(start: str, text: str) -> _Node:
    try:
        node: _Node = _parser().parse(text, start=start)  # type: ignore[assignment]
    except UnexpectedInput as error:
        position = error.pos_in_stream
        if getattr(getattr(error, "token", None), "type", "") == "$END" or position is None:
            position = len(text)
        accepted = getattr(error, "expected", None) or getattr(error, "allowed", None) or ()
        expected = " or ".join(sorted(_NAMES.get(name, name) for name in accepted))
        raise _unreadable(text, position, expected) from None
    except _RefusedError as refused:
        raise _unreadable(text, refused.position, str(refused)) from None
    except _TooDeepError:
        raise _unreadable(text, 0, f"at most {_DEEPEST} levels of nesting") from None
    return node


def _unreadable(text: str, position: int, expected: str) -> ExpressionError:
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return ExpressionError(f"cannot read {shown!r} at column {position + 1}: expected {expected}")
