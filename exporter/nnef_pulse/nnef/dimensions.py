"""Dimensions and asserts over symbols, read as tract reads and prints them.

The grammar is tract-data's: `/` binds tighter than `*` and divides by a number alone, so
`2*S/3` means `2*(S/3)`; `a#b` broadcasts.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TypeVar

from nnef_pulse.errors import ExpressionError, SymbolError

Sizes = Mapping[str, int]
Value = Callable[[Sizes], int]
Binary = Callable[[int, int], int]
Read = TypeVar("Read")

# Numbers of more digits are no sizes, and Python refuses to read the longest.
_TOKEN = re.compile(r"\s*(?:([0-9]{1,18})|([A-Za-z_][A-Za-z0-9_.]*)|(==|<=|>=|[-+*/#<>(),]))")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def _broadcast(a: int, b: int) -> int:
    return b if a == 1 else a


_FUNCTIONS: dict[str, Binary] = {"min": min, "max": max, "broadcast": _broadcast}
# More than what divisors of models multiply to, after which roundings repeat.
_SIZES_TRIED = 1024

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
    _value: Value

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Read a dimension.

        Raises:
            ExpressionError: the text is no expression; the message gives the column.
        """
        parser = _Parser(text)
        value = parser.whole(parser.expression)
        return cls(text.strip(), frozenset(parser.symbols), value)

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
    _holds: Callable[[Sizes], bool]

    @classmethod
    def parse(cls, text: str) -> Assertion:
        """Read an assert.

        Raises:
            ExpressionError: the text is no comparison of two expressions.
        """
        parser = _Parser(text)
        holds = parser.whole(parser.comparison)
        return cls(text.strip(), frozenset(parser.symbols), holds)

    def __reduce__(self) -> tuple[Callable[[str], Assertion], tuple[str]]:
        return Assertion.parse, (self.text,)

    def holds(self, sizes: Sizes) -> bool:
        """Whether it holds; symbols without a value leave it open, which counts as holding."""
        return not self.symbols <= sizes.keys() or self._holds(sizes)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.symbols: set[str] = set()
        self._tokens: list[tuple[str, int]] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                raise self._error(at, "a number, a symbol or an operator")
            self._tokens.append((match[0].strip(), match.end() - len(match[0].lstrip())))
            at = match.end()
        self._next = 0

    def expression(self) -> Value:
        return self._chain(self._sum, {"#": _broadcast})

    def comparison(self) -> Callable[[Sizes], bool]:
        left = self.expression()
        token, at = self._peek()
        if token not in _COMPARE:
            raise self._error(at, "one of ==, <=, >=, <, >")
        self._next += 1
        compare, right = _COMPARE[token], self.expression()
        return lambda sizes: compare(left(sizes), right(sizes))

    def whole(self, read: Callable[[], Read]) -> Read:
        """What `read` finds, which must be all there is."""
        try:
            found = read()
        except RecursionError:
            raise self._error(self._peek()[1], "brackets that nest less deeply") from None
        token, at = self._peek()
        if token:
            raise self._error(at, "the end")
        return found

    def _sum(self) -> Value:
        return self._chain(self._product, {"+": operator.add, "-": operator.sub})

    def _product(self) -> Value:
        return self._chain(self._quotient, {"*": operator.mul})

    def _chain(self, operand: Callable[[], Value], operators: Mapping[str, Binary]) -> Value:
        """Operands joined by operators of one rank, from the left."""
        first, rest = operand(), []
        while self._peek()[0] in operators:
            do = operators[self._peek()[0]]
            self._next += 1
            rest.append((do, operand()))
        if not rest:
            return first

        def value(sizes: Sizes) -> int:
            result = first(sizes)
            for do, other in rest:
                result = do(result, other(sizes))
            return result

        return value

    def _quotient(self) -> Value:
        left = self._atom()
        divisors = []
        while self._take("/"):
            token, at = self._peek()
            if not token.isdigit() or int(token) == 0:
                raise self._error(at, "a number above 0 to divide by")
            self._next += 1
            divisors.append(int(token))
        return (
            (lambda sizes: reduce(operator.floordiv, divisors, left(sizes))) if divisors else left
        )

    def _atom(self) -> Value:
        token, at = self._peek()
        self._next += 1
        if token.isdigit():
            number = int(token)
            return lambda _sizes: number
        if token == "-":
            inner = self._atom()
            return lambda sizes: -inner(sizes)
        if token == "(":
            inner = self.expression()
            self._expect(")")
            return inner
        if token in _FUNCTIONS:
            return self._call(_FUNCTIONS[token])
        if token and (token[0].isalpha() or token[0] == "_"):
            self.symbols.add(token)
            return lambda sizes: sizes[token]
        raise self._error(at, "a number, a symbol or a bracket")

    def _call(self, do: Binary) -> Value:
        self._expect("(")
        values = [self.expression()]
        while self._take(","):
            values.append(self.expression())
        self._expect(")")
        return lambda sizes: reduce(do, (value(sizes) for value in values))

    def _peek(self) -> tuple[str, int]:
        if self._next < len(self._tokens):
            return self._tokens[self._next]
        return "", len(self.text)

    def _take(self, token: str) -> bool:
        found = self._peek()[0] == token
        self._next += found
        return found

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise self._error(self._peek()[1], f"{token!r}")

    def _error(self, at: int, expected: str) -> ExpressionError:
        return ExpressionError(f"cannot read {self.text!r} at column {at + 1}: expected {expected}")
