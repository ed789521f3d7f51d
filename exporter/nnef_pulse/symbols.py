"""Dimensions and asserts over symbols, read as tract reads and prints them.

The grammar is tract-data's: `/` binds tighter than `*` and divides by a number alone, so
`2*S/3` means `2*(S/3)`; `a#b` broadcasts.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nnef_pulse.errors import ExpressionError, SymbolError

Sizes = Mapping[str, int]

_TOKEN = re.compile(r"\s*(?:(\d+)|([A-Za-z_][A-Za-z0-9_.]*)|(==|<=|>=|[-+*/#<>(),]))")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
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
    if name in ("min", "max", "broadcast"):
        raise SymbolError(f"{name!r} cannot name a symbol: it is a function in dimensions")
    return name


@dataclass(frozen=True)
class Expression:
    """An integer expression over symbols, such as `-3+(S+3)/4`."""

    text: str
    symbols: frozenset[str]
    _value: Callable[[Sizes], int]

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Read a dimension.

        Raises:
            ExpressionError: the text is no expression; the message gives the column.
        """
        parser = _Parser(text)
        value = parser.expression()
        parser.end()
        return cls(text.strip(), frozenset(parser.symbols), value)

    def at(self, sizes: Sizes) -> int:
        """Evaluate with a value for every symbol.

        Raises:
            SymbolError: a symbol has no value.
        """
        missing = self.symbols - sizes.keys()
        if missing:
            raise SymbolError(f"no value for {', '.join(sorted(missing))} in {self.text}")
        return self._value(sizes)


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
        left = parser.expression()
        compare = _COMPARE[parser.comparison()]
        right = parser.expression()
        parser.end()
        return cls(
            text.strip(),
            frozenset(parser.symbols),
            lambda sizes: compare(left(sizes), right(sizes)),
        )

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

    def expression(self) -> Callable[[Sizes], int]:
        left = self._sum()
        while self._take("#"):
            left = _broadcast(left, self._sum())
        return left

    def comparison(self) -> str:
        token, at = self._peek()
        if token not in _COMPARE:
            raise self._error(at, "one of ==, <=, >=, <, >")
        self._next += 1
        return token

    def end(self) -> None:
        token, at = self._peek()
        if token:
            raise self._error(at, "the end")

    def _sum(self) -> Callable[[Sizes], int]:
        left = self._product()
        while True:
            if self._take("+"):
                left = _apply(operator.add, left, self._product())
            elif self._take("-"):
                left = _apply(operator.sub, left, self._product())
            else:
                return left

    def _product(self) -> Callable[[Sizes], int]:
        left = self._quotient()
        while self._take("*"):
            left = _apply(operator.mul, left, self._quotient())
        return left

    def _quotient(self) -> Callable[[Sizes], int]:
        left = self._atom()
        while self._take("/"):
            token, at = self._peek()
            if not token.isdigit() or int(token) == 0:
                raise self._error(at, "a number above 0 to divide by")
            self._next += 1
            left = _apply(operator.floordiv, left, _constant(int(token)))
        return left

    def _atom(self) -> Callable[[Sizes], int]:
        token, at = self._peek()
        self._next += 1
        if token.isdigit():
            return _constant(int(token))
        if token == "-":
            inner = self._atom()
            return lambda sizes: -inner(sizes)
        if token == "(":
            inner = self.expression()
            self._expect(")")
            return inner
        if token in ("min", "max", "broadcast"):
            return self._call(token)
        if token and (token[0].isalpha() or token[0] == "_"):
            self.symbols.add(token)
            return lambda sizes: sizes[token]
        raise self._error(at, "a number, a symbol or a bracket")

    def _call(self, name: str) -> Callable[[Sizes], int]:
        self._expect("(")
        values = [self.expression()]
        while self._take(","):
            values.append(self.expression())
        self._expect(")")
        if name == "broadcast":
            result = values[0]
            for value in values[1:]:
                result = _broadcast(result, value)
            return result
        pick = min if name == "min" else max
        return lambda sizes: pick(value(sizes) for value in values)

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


def _constant(number: int) -> Callable[[Sizes], int]:
    return lambda _sizes: number


def _apply(
    do: Callable[[int, int], int], left: Callable[[Sizes], int], right: Callable[[Sizes], int]
) -> Callable[[Sizes], int]:
    return lambda sizes: do(left(sizes), right(sizes))


def _broadcast(
    left: Callable[[Sizes], int], right: Callable[[Sizes], int]
) -> Callable[[Sizes], int]:
    def value(sizes: Sizes) -> int:
        a, b = left(sizes), right(sizes)
        return b if a == 1 else a

    return value
