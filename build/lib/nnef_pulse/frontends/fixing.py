"""Sizes and whole inputs that shall not stay open: `x:1=64`, `sr=16000`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nnef_pulse.errors import AxisError, UnknownInputError, UsageError
from nnef_pulse.frontends.axes import Axes

Value = int | float | bool


@dataclass(frozen=True)
class Fixed:
    """What an author fixes before the export."""

    sizes: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """Input name to axis, counted from the front, to size."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """Input name to the value of all its elements; it is then no input any more."""


def fixed(
    given: Mapping[str, Value | Mapping[int, int]], ranks: Mapping[str, int], axes: Axes
) -> Fixed:
    """Sort what is fixed and check it against the inputs.

    Args:
        given: input name to a value, or to axis and size.
        ranks: input name to its number of axes.
        axes: those that are to stay open.

    Raises:
        UnknownInputError, AxisError, UsageError: it makes no sense for these inputs.
    """
    result = Fixed({}, {})
    sizes: dict[str, dict[int, int]] = {}
    for name, value in given.items():
        if name not in ranks:
            raise UnknownInputError(
                f"no input is called {name!r}, so it cannot be fixed; "
                f"the inputs are: {', '.join(ranks)}"
            )
        if not isinstance(value, Mapping):
            if name in axes:
                raise UsageError(f"{name} is fixed as a whole and has an open axis: choose one")
            result = Fixed(sizes, {**result.values, name: value})
            continue
        rank = ranks[name]
        opened = {axis % rank for axis in axes.get(name, {}) if -rank <= axis < rank}
        for axis, size in value.items():
            if not -rank <= axis < rank:
                raise AxisError(f"{name} has no axis {axis} to fix: it has {rank} axes")
            if axis % rank in opened:
                raise AxisError(f"axis {axis} of {name} is fixed and open: choose one")
            if size < 1:
                raise UsageError(f"axis {axis} of {name} is fixed to {size}: give 1 or more")
            sizes.setdefault(name, {})[axis % rank] = size
    return Fixed(sizes, result.values)
