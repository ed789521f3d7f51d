"""Writes into a part of a tensor as a choice between two values for the whole.

A trace keeps no write through a view, and torch_to_nnef puts what it finds of one at the position
it had in the example.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from nnef_pulse.errors import UnsupportedError
from nnef_pulse.frontends.pytorch.provenance import current
from nnef_pulse.frontends.pytorch.rewrites.concatenation import length, ones, placed, step
from nnef_pulse.frontends.pytorch.rewrites.interleaving import untraced
from nnef_pulse.frontends.pytorch.steps import line_of


def write(x: Tensor, index: Any, value: Any) -> None:
    """`x[index] = value`.

    Raises:
        UnsupportedError: the index is no mask and not made of numbers and plain slices.
    """
    known = current.get()
    view = known.view(value) if isinstance(value, Tensor) else None
    if view and view.base is x and view.index == index:
        return  # `x[index] += y`: the sum was written where it was made.
    if isinstance(index, Tensor) and index.dtype == torch.bool:
        if isinstance(value, Tensor) and value.dim():
            raise _refused("writes a tensor under a mask; use torch.where")
        while index.dim() < x.dim():
            index = index.unsqueeze(-1)
        new = x.masked_fill(index, value)
    else:
        new = _written(x, _items(x, index), value)
    x.copy_(new)
    write_through(x)


def write_through(x: Tensor) -> None:
    """Write what was changed in a view into what it is a view of."""
    known = current.get()
    view, value = known.view(x), known.value(x)
    known.forget(x)
    if view is not None:
        known.open_axes[id(view.base)] = view.open_axes
        if value is not None:
            known.learn(x, value)
        write(view.base, view.index, x)
        known.learn(x, view)


def _items(x: Tensor, index: Any) -> list[Any]:
    """One number or slice for each axis."""
    items = list(index) if isinstance(index, tuple) else [index]
    plain = (int, slice, type(Ellipsis))
    if not all(isinstance(it, plain) and not isinstance(it, bool) for it in items):
        raise _refused("writes at an index that is no number and no slice; use torch.where")
    at = next((n for n, it in enumerate(items) if it is Ellipsis), len(items))
    after = items[at + 1 :]
    return [*items[:at], *[slice(None)] * (x.dim() - at - len(after)), *after]


def _written(x: Tensor, items: list[Any], value: Any) -> Tensor:
    known = current.get()
    if not isinstance(value, Tensor):
        value = torch.full((), value, dtype=x.dtype)
    if value.dim():
        for _ in range(sum(isinstance(it, slice) for it in items) - value.dim()):
            value = known.unsqueezed(value, 0)
        for dim, item in enumerate(items):
            if isinstance(item, int):
                value = known.unsqueezed(value, dim)
    opened = known.open_axes.get(id(x), ())
    chosen = step(ones(x, 0), 0, 0)
    for dim, item in enumerate(items):
        if item == slice(None):
            continue
        is_open = dim in opened
        begin, stop = _range(item, None if is_open else length(x, dim))
        every = ones(x, dim)
        if not is_open:
            with untraced():
                every = torch.ones(every.shape)
        if value.dim():
            value = placed(value, every, dim, begin, stop, is_open=is_open)
            if value is NotImplemented:
                raise _refused("writes several frames at positions counted from the end")
        chosen = chosen & step(every, dim, begin)
        if stop is not None:
            chosen = chosen & ~step(every, dim, stop)
    return torch.where(chosen, value.to(x.dtype), x)


def _range(item: Any, size: int | None) -> tuple[int, int | None]:
    if isinstance(item, int):
        begin, stop = item, item + 1 or None
    else:
        if item.step not in (None, 1):
            raise _refused("writes every n-th element; use torch.where with a mask")
        begin, stop = item.start or 0, item.stop
    if size is None:
        return int(begin), None if stop is None else int(stop)
    begin, stop, _ = slice(begin, stop).indices(size)
    return begin, None if stop == size else stop


def _refused(what: str) -> UnsupportedError:
    return UnsupportedError(f"{line_of(sys._getframe(1))} {what}")


TABLE: dict[Any, Callable[..., Any]] = {Tensor.__setitem__: write}
