"""Which axis of which input is open, under which symbol, and what asserts and modes say of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from nnef_pulse.errors import (
    AssertBrokenError,
    AxisError,
    ModeError,
    SymbolError,
    UnknownInputError,
)
from nnef_pulse.nnef.dimensions import Assertion, Sizes, check_symbol

Axes = Mapping[str, Mapping[int, str]]

_MULTIPLE = re.compile(r"\s*(?:([1-9][0-9]{0,8})\s*\*\s*)?(\S+)\s*\Z")


def split_multiple(size: str) -> tuple[int, str]:
    """Factor and symbol of an axis: 4 and S of `4*S`, 1 and S of `S`.

    Raises:
        SymbolError: it is neither.
    """
    found = _MULTIPLE.match(size)
    if found is None:
        raise SymbolError(f"{size!r} is no size for an axis: write a symbol, or 4*S for a multiple")
    return int(found[1] or 1), check_symbol(found[2])


def axis_size(size: str, sizes: Sizes) -> int:
    """How long an axis declared `size` is at given sizes of the symbols."""
    factor, symbol = split_multiple(size)
    return factor * sizes[symbol]


# Modes and sizes are searched over 0 to this: every model here streams or batches far below it.
_SEARCHED = 96


@dataclass(frozen=True)
class DynamicAxes:
    """The open dimensions of a model, checked against its example inputs."""

    axes: Axes
    """Input name to axis (counted from the front) to symbol, or to a multiple such as `4*S`."""
    example: Sizes
    """The size each symbol has in the example."""
    asserts: tuple[Assertion, ...] = ()
    modes: Mapping[str, tuple[Assertion, ...]] | None = None

    @property
    def symbols(self) -> tuple[str, ...]:
        """In the order the inputs name them."""
        return tuple(self.example)

    def allows(self, sizes: Sizes) -> bool:
        """Whether all asserts hold and, where there are modes, all of one mode's."""
        return all(it.holds(sizes) for it in self.asserts) and (
            not self.modes
            or any(all(it.holds(sizes) for it in mode) for mode in self.modes.values())
        )

    def mode_holds(self, mode: str, sizes: Sizes) -> bool:
        """Whether a mode and all asserts hold."""
        modes = self.modes or {}
        return all(it.holds(sizes) for it in (*self.asserts, *modes[mode]))

    def with_asserts(self, more: Iterable[str]) -> DynamicAxes:
        """The same with asserts added."""
        added = tuple(Assertion.parse(text) for text in more)
        return DynamicAxes(self.axes, self.example, (*self.asserts, *added), self.modes)

    def extensions(self) -> list[str]:
        """The asserts and modes as tract's NNEF extensions spell them."""
        lines = [f"tract_assert {it.text}" for it in self.asserts]
        for name, rules in (self.modes or {}).items():
            lines += [f"tract_assert {name}: {it.text}" for it in rules]
        return lines


def check_axes(
    shapes: Mapping[str, Sequence[int]],
    axes: Axes,
    asserts: Iterable[str] = (),
    modes: Mapping[str, str | Sequence[str]] | None = None,
) -> DynamicAxes:
    """Check what was asked for against the example inputs' shapes.

    Args:
        shapes: input name to shape of its example.
        axes: input name to axis to symbol or multiple (`4*S`); negative axes count from the end.
        asserts: comparisons such as `S+P < 64`.
        modes: mode name to one or several comparisons.

    Raises:
        UnknownInputError, AxisError, SymbolError, ExpressionError: nonsense as written.
        AssertBrokenError, ModeError: the example breaks an assert, a mode can never hold, or
            the example is in no mode.
    """
    checked = resolve_axes({name: len(shape) for name, shape in shapes.items()}, axes)
    example: dict[str, int] = {}
    for name, named in checked.items():
        for axis, declared in named.items():
            size = shapes[name][axis]
            factor, symbol = split_multiple(declared)
            if size % factor:
                raise AxisError(
                    f"axis {axis} of {name} is declared {declared} and is {size} in the example: "
                    f"give an example whose size is a multiple of {factor}"
                )
            count = size // factor
            if example.setdefault(symbol, count) != count:
                raise AxisError(
                    f"{symbol} stands for {example[symbol]} and, on axis {axis} of {name}, "
                    f"for {count}: use two symbols, or examples of one size"
                )
    result = parse_rules(checked, example, asserts, modes)
    _check_sense(result)
    return result


def parse_rules(
    axes: Axes,
    example: Sizes,
    asserts: Iterable[str],
    modes: Mapping[str, str | Sequence[str]] | None,
) -> DynamicAxes:
    """Read asserts and modes, without checking anything against the example.

    Raises:
        ExpressionError: one cannot be read.
    """
    return DynamicAxes(
        axes,
        example,
        tuple(Assertion.parse(text) for text in asserts),
        {
            name: tuple(Assertion.parse(text) for text in _several(rules))
            for name, rules in (modes or {}).items()
        },
    )


def resolve_axes(ranks: Mapping[str, int], axes: Axes) -> dict[str, dict[int, str]]:
    """The same axes, counted from the front.

    Args:
        ranks: input name to its number of axes.
        axes: input name to axis to symbol or multiple (`4*S`); negative axes count from the end.

    Raises:
        UnknownInputError, AxisError, SymbolError: no such input or axis, or no name for a symbol.
    """
    checked: dict[str, dict[int, str]] = {}
    for name, named in axes.items():
        if name not in ranks:
            known = ", ".join(ranks)
            raise UnknownInputError(f"no input is called {name!r}; the inputs are: {known}")
        checked[name] = {}
        for axis, symbol in named.items():
            front = _front(name, axis, ranks[name])
            if front in checked[name]:
                raise AxisError(f"axis {axis} of {name} is named twice")
            factor, bare = split_multiple(symbol)
            checked[name][front] = bare if factor == 1 else f"{factor}*{bare}"
    return checked


def _front(name: str, axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise AxisError(
            f"{name} has no axis {axis}: its example has {rank} axes, {-rank} to {rank - 1}"
        )
    return axis % rank


def _several(rules: str | Sequence[str]) -> Sequence[str]:
    return [rules] if isinstance(rules, str) else rules


def _check_sense(it: DynamicAxes) -> None:
    for rule in (*it.asserts, *(rule for mode in (it.modes or {}).values() for rule in mode)):
        unknown = rule.symbols - it.example.keys()
        if unknown:
            raise SymbolError(
                f"{', '.join(sorted(unknown))} in {rule.text!r} is the symbol of no axis; "
                f"known: {', '.join(it.symbols) or 'none'}"
            )
    for rule in it.asserts:
        if not rule.holds(it.example):
            raise AssertBrokenError(
                f"the example input breaks {rule.text!r}: {_format_sizes(it.example)}"
            )
    for name in it.modes or {}:
        if not any(it.mode_holds(name, sizes) for sizes in grid(it.symbols)):
            raise ModeError(
                f"mode {name} can never hold together with the asserts "
                f"(sizes 0 to {_SEARCHED} tried)"
            )
    if not it.allows(it.example):
        raise ModeError(f"the example input is in no mode: {_format_sizes(it.example)}")


def grid(symbols: Sequence[str]) -> Iterator[dict[str, int]]:
    """Sizes to search, from small to large, thinned out as symbols multiply.

    One at a time: ten symbols have 10^10 of them.
    """
    few = len(symbols) <= 2
    values = range(_SEARCHED + 1) if few else (*range(6), 8, 16, 31, 64)
    for sizes in product(values, repeat=len(symbols)):
        yield dict(zip(symbols, sizes, strict=True))


def _format_sizes(sizes: Sizes) -> str:
    return ", ".join(f"{symbol}={size}" for symbol, size in sizes.items())
