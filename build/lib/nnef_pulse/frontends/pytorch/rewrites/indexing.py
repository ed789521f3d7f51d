"""Indices counted from the end, differences, flips, rolls, positions compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from nnef_pulse.frontends.pytorch.provenance import current
from nnef_pulse.frontends.pytorch.rewrites.concatenation import joined


def last(x: Tensor, dim: int, index: int) -> Tensor:
    """Element `index`, counted from the end (-1 is the last), with its axis kept.

    torch_to_nnef writes the position it had in the example; a slice `[-1:]` has a size that tract
    cannot tell is 1. A gather at a computed position has neither problem.
    """
    position = torch.arange(1) + (x.shape[dim] + index)
    return x.index_select(dim, position)


def _getitem(x: Tensor, index: Any) -> Any:
    items = index if isinstance(index, tuple) else (index,)
    known = (int, slice, type(None), type(Ellipsis))
    if not all(isinstance(it, known) and not isinstance(it, bool) for it in items):
        return NotImplemented
    if not any(isinstance(it, int) and it < 0 for it in items) and not any(map(_strides, items)):
        return NotImplemented
    taken = sum(isinstance(it, (int, slice)) for it in items)
    dim, plain = 0, []
    for it in items:
        if it is Ellipsis:
            dim += x.dim() - taken
        elif isinstance(it, slice):
            if _strides(it):
                x = _every(x[(slice(None),) * dim + (slice(it.start, it.stop),)], dim, it.step)
                it = slice(None)
            dim += 1
        elif isinstance(it, int):
            if it < 0:
                x, it = last(x, dim, it), 0
            dim += 1
        plain.append(it)
    return x[tuple(plain)]


def _strides(item: Any) -> bool:
    return isinstance(item, slice) and isinstance(item.step, int) and item.step > 1


def _every(x: Tensor, dim: int, step: int) -> Tensor:
    """Each `step`-th element from the first: tract cannot tell the size of a slice that strides."""
    if not x.is_floating_point():
        return x[(slice(None),) * dim + (slice(None, None, step),)]
    moved = x.movedim(dim, -1)
    shape = moved.shape
    flat = moved.reshape(1, -1, shape[-1]) if x.dim() != 3 else moved
    thin = functional.max_pool1d(flat, 1, step)
    if x.dim() != 3:
        thin = thin.reshape(*shape[:-1], thin.shape[-1])
    return thin.movedim(-1, dim)


def _select(x: Tensor, dim: int, index: Any) -> Any:
    if not isinstance(index, int) or index >= 0:
        return NotImplemented
    dim %= x.dim()
    return last(x, dim, index).squeeze(dim)


def _diff(
    x: Tensor,
    n: int = 1,
    dim: int = -1,
    prepend: Tensor | None = None,
    append: Tensor | None = None,
) -> Any:
    dim %= x.dim()
    parts = [it for it in (prepend, x, append) if it is not None]
    if len(parts) > 1:
        x = joined(parts, dim)
    for _ in range(n):
        before = (slice(None),) * dim
        x = x[(*before, slice(1, None))] - x[(*before, slice(None, -1))]
    return x


def _flip(x: Tensor, *dims: Any, **named: Any) -> Any:
    """By computed positions along an open axis; torch_to_nnef keeps the example's size there."""
    given = named.get("dims", dims)
    flipped = given[0] if len(given) == 1 and isinstance(given[0], Sequence) else given
    opened = current.get().open_axes.get(id(x), ())
    if not any(dim % x.dim() in opened for dim in flipped):
        return NotImplemented
    for dim in flipped:
        position = (x.shape[dim] - 1) - torch.arange(x.shape[dim])
        x = x.index_select(dim, position)
    return x


def _roll(x: Tensor, shifts: Any, dims: Any = ()) -> Any:
    """The pieces in their new order: what torch_to_nnef writes calls a fragment it leaves out."""
    shifts, dims = ([it] if isinstance(it, int) else list(it) for it in (shifts, dims))
    for shift, dim in zip(shifts, dims, strict=False):
        before = (slice(None),) * (dim % x.dim())
        if shift:
            x = torch.cat([x[(*before, slice(-shift, None))], x[(*before, slice(-shift))]], dim)
    return x if dims else NotImplemented


def _triangle(keep: Callable[..., Tensor]) -> Callable[..., Any]:
    def rewriting(x: Tensor, diagonal: int = 0) -> Any:
        if x.dtype != torch.bool:
            return NotImplemented
        return keep(x.to(torch.float32), diagonal) > 0.5

    return rewriting


def _comparison(compare: Callable[[Tensor, int], Tensor]) -> Callable[..., Any]:
    """Compare a difference with 0: tract loses a size where two ranges are compared."""

    def rewriting(one: Any, other: Any) -> Any:
        both = isinstance(one, Tensor) and isinstance(other, Tensor)
        if not both or one.dim() + other.dim() < 2 or torch.bool in (one.dtype, other.dtype):
            return NotImplemented
        floating = one.is_floating_point() or other.is_floating_point()
        # Of floats only two views of one tensor: the difference of two infinities is no number.
        if floating and one.untyped_storage()._cdata != other.untyped_storage()._cdata:
            return NotImplemented
        return compare(one - other, 0)

    return rewriting


TABLE: dict[Any, Callable[..., Any]] = {
    Tensor.__getitem__: _getitem,
    Tensor.select: _select,
    torch.select: _select,
    Tensor.diff: _diff,
    torch.diff: _diff,
    Tensor.flip: _flip,
    torch.flip: _flip,
    Tensor.roll: _roll,
    torch.roll: _roll,
    Tensor.tril: _triangle(torch.tril),
    torch.tril: _triangle(torch.tril),
    Tensor.triu: _triangle(torch.triu),
    torch.triu: _triangle(torch.triu),
    **{
        function: _comparison(compare)
        for names, compare in (
            (("__lt__", "lt", "less"), torch.lt),
            (("__le__", "le", "less_equal"), torch.le),
            (("__gt__", "gt", "greater"), torch.gt),
            (("__ge__", "ge", "greater_equal"), torch.ge),
            (("__eq__", "eq"), torch.eq),
            (("__ne__", "ne"), torch.ne),
        )
        for name in names
        for function in (getattr(Tensor, name), getattr(torch, name, None))
        if function is not None
    },
}
