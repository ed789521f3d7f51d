"""Pieces put behind each other along an open axis, as pads and a choice between them.

tract has no streamed form of such a concatenation that it can write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from nnef_pulse.frontends.pytorch.provenance import Prefix, current
from nnef_pulse.frontends.pytorch.rewrites.interleaving import untraced


def concatenated(
    tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None, out: Any = None
) -> Any:
    """What `torch.cat` gives, where one piece is a stream and the others have fixed lengths."""
    parts, dim = list(tensors), dim if axis is None else axis
    if out is not None or len({(it.dim(), it.dtype) for it in parts}) > 1:
        return NotImplemented
    known = current.get()
    dim %= parts[0].dim()
    is_open = [dim in known.open_axes.get(id(it), ()) for it in parts]
    if sum(is_open) != 1:
        return NotImplemented
    at = is_open.index(True)
    before, stream, after = parts[:at], parts[at], parts[at + 1 :]
    if any(known.value(it) is None for it in after):
        return NotImplemented
    for part in reversed(before):
        count, value = length(part, dim), known.value(part)
        every = _every(part, stream, dim)
        stream = pad(stream, dim, count, 0, value or 0.0)
        if value is None:
            placed_part = placed(part, every, dim, 0, count, is_open=True)
            if placed_part is NotImplemented:
                return NotImplemented
            stream = torch.where(step(every, dim, count), stream, placed_part)
    for part in after:
        stream = pad(stream, dim, 0, length(part, dim), known.value(part) or 0.0)
    return stream


def joined(tensors: Sequence[Tensor], dim: int) -> Tensor:
    """The same, or plain `torch.cat` where no other spelling is known."""
    result = concatenated(tensors, dim)
    return torch.cat(list(tensors), dim) if result is NotImplemented else result


def _every(part: Tensor, stream: Tensor, dim: int) -> Tensor:
    """1 for each frame of both; no size below that of `part` is positive where it is a prefix."""
    count = length(part, dim)
    every = pad(ones(stream, dim), dim, count, 0, 1.0)
    prefix = _prefix(part, dim)
    if prefix is None or count == 1:
        return every
    known = ones(prefix.source(), dim)[(slice(None),) * dim + (slice(count - 1, None),)]
    return _fitted(pad(known, dim, count - 1, 0, 1.0), dim, length(every, dim), 1.0)


def _prefix(part: Tensor, dim: int) -> Prefix | None:
    prefix = current.get().prefix(part)
    return prefix if prefix and prefix.is_kept and prefix.dim == dim else None


def _fitted(x: Tensor, dim: int, size: int, value: float) -> Tensor:
    missing = size - length(x, dim)
    if missing < 0:
        return x[(slice(None),) * dim + (slice(None, missing),)]
    return pad(x, dim, 0, missing, value)


def placed(
    part: Tensor, every: Tensor, dim: int, begin: int, stop: int | None, *, is_open: bool
) -> Any:
    """`part` on axis `dim` of as many frames as `every`, from `begin` to `stop`.

    What stands at other frames is undefined. NotImplemented where no spelling is known.

    Args:
        part: frames to place; one that stands for all may have size 1.
        every: 1 for each frame.
        dim: the axis.
        begin: where the first goes.
        stop: after the last; None and negative numbers as in a slice.
        is_open: whether the axis is.
    """
    known = current.get()
    prefix, count = _prefix(part, dim), length(part, dim)
    if known.value(part) is not None:
        return part.narrow(dim, 0, 1)
    if is_open and prefix:
        return _fitted(pad(prefix.source(), dim, begin, 0, 0.0), dim, length(every, dim), 0.0)
    if is_open and (stop is None or stop < 0):
        return pad(part, dim, begin, -(stop or 0), 0.0) if begin >= 0 else NotImplemented
    if count == 1:
        return part
    if not is_open:
        return pad(part, dim, begin, length(every, dim) - begin - count, 0.0)
    if not part.is_floating_point() or begin < 0:
        return NotImplemented
    rows = _rows(every, dim, begin, count)
    return (part.movedim(dim, -1) @ rows).movedim(-1, dim)


def _rows(every: Tensor, dim: int, begin: int, count: int) -> Tensor:
    """Row n is 1 at frame `begin + n` and 0 elsewhere."""
    for axis in reversed(range(every.dim())):
        if axis != dim:
            every = every.squeeze(axis)
    every = every[None, None]
    first = every - functional.pad(every[:, :, 1:], [1, 0])
    with untraced():
        kernel = torch.eye(count).flip(1)[:, None, :].contiguous()
    rows = functional.conv1d(functional.pad(first, [count - 1, 0]), kernel).squeeze(0)
    return pad(rows, 1, begin, 0, 0.0)[:, :-begin] if begin else rows


def step(every: Tensor, dim: int, at: int) -> Tensor:
    """Whether a frame stands at `at` (counted from the end where negative) or after it."""
    if at == 0:
        return every > 0.5
    before = (slice(None),) * dim
    if at < 0:
        return pad(every[(*before, slice(None, at))] - 1.0, dim, 0, -at, 1.0) > 0.5
    return pad(every[(*before, slice(at, None))], dim, at, 0, 0.0) > 0.5


def ones(x: Tensor, dim: int) -> Tensor:
    """1 for each frame, with size 1 along other axes; a stream as x is one."""
    for axis in range(x.dim()):
        if axis != dim:
            x = x.narrow(axis, 0, 1)
    return x.to(torch.float32).clamp(1.0, 1.0)


def length(x: Tensor, dim: int) -> int:
    """The size in the example, outside of the trace."""
    with untraced():
        return int(x.shape[dim])


def pad(x: Tensor, dim: int, before: int, after: int, value: float) -> Tensor:
    """With `value` before and after axis `dim`."""
    if not before and not after:
        return x
    return functional.pad(x, [0, 0] * (x.dim() - dim - 1) + [before, after], value=value)


def _replicate(x: Tensor, pads: Sequence[int], mode: str = "constant", value: Any = None) -> Any:
    """The first frame repeated, one at a time: each is a choice between two pads; and the last."""
    if mode != "replicate":
        return NotImplemented
    opened = current.get().open_axes.get(id(x), ())
    for n, count in enumerate(pads[::2]):
        dim = x.dim() - 1 - n
        for _ in range(count):
            if dim not in opened:
                x = torch.cat([x.narrow(dim, 0, 1), x], dim)
                continue
            begun = step(pad(ones(x, dim), dim, 0, 1, 1.0), dim, 1)
            x = torch.where(begun, pad(x, dim, 1, 0, 0.0), pad(x, dim, 0, 1, 0.0))
        for _ in range(pads[2 * n + 1]):
            # A slice `[-1:]` has a size that tract cannot tell is 1; a gather has not.
            x = torch.cat([x, x.index_select(dim, torch.arange(1) + (x.shape[dim] - 1))], dim)
    return x


TABLE: dict[Any, Callable[..., Any]] = {
    torch.cat: concatenated,
    torch.concat: concatenated,
    torch.concatenate: concatenated,
    functional.pad: _replicate,
}
