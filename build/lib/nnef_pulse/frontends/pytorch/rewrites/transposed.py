"""Transposed convolutions as convolutions and reshapes, which stream.

tract's own delay operator for them cannot be written as NNEF, and was wrong inside larger nets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor
from torch.nn import functional

from nnef_pulse.frontends.pytorch.rewrites.interleaving import (
    cut,
    each,
    interleave,
    is_proportional,
    untraced,
)

_CONVOLUTIONS = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}


def _spread(weight: Tensor, dilations: Sequence[int]) -> Tensor:
    """The kernel with its dilation written out as zeros."""
    sizes = [d * (k - 1) + 1 for d, k in zip(dilations, weight.shape[2:], strict=True)]
    wide = weight.new_zeros(*weight.shape[:2], *sizes)
    taps = tuple(slice(0, size, d) for size, d in zip(sizes, dilations, strict=True))
    wide[(slice(None), slice(None), *taps)] = weight
    return wide


def _as_convolution(weight: Tensor, groups: int) -> Tensor:
    """A transposed convolution's kernel as that of a convolution: turned round, outputs first."""
    inputs, outputs, *taps = weight.shape
    turned = weight.flip(list(range(2, weight.dim())))
    grouped = turned.reshape(groups, inputs // groups, outputs, *taps).transpose(1, 2)
    return grouped.reshape(groups * outputs, inputs // groups, *taps).contiguous()


def _phases(
    weight: Tensor, strides: list[int], crops: list[int], extra: list[int], groups: int
) -> Any:
    """A kernel whose output channels are all phases of each channel, and pads for its input.

    `extra` counts frames to give after those of the input.

    A stride s writes output frame s*m + r from tap s*q + r + crop and input frame m - q, for lags q
    from the first to the last that meet the kernel: so each input frame gives s output frames, and
    the length stays a multiple of the input's, as a pulsed reshape needs.
    """
    rank = len(strides)
    pads: list[int] = []
    split: list[int] = []
    for axis, (s, crop) in enumerate(zip(strides, crops, strict=True)):
        taps = weight.shape[2 + axis]
        first, last = -((crop + s - 1) // s), (taps - 1 - crop) // s
        last = max(first, last)
        before = -crop - s * first
        after = s * (last + 1) - (taps - crop)
        padding = [0, 0] * (rank - 1 - axis) + [before, after]
        weight = functional.pad(weight, padding)
        pads = [last, extra[axis] - first, *pads]
        split += [last - first + 1, s]
    inputs, outputs = weight.shape[:2]
    weight = weight.reshape(groups, inputs // groups, outputs, *split)
    weight = weight.flip([3 + 2 * axis for axis in range(rank)])
    lags_at, phases_at = ([3 + 2 * axis + n for axis in range(rank)] for n in (0, 1))
    weight = weight.permute(0, 2, *phases_at, 1, *lags_at)
    lags = split[::2]
    return weight.reshape(-1, inputs // groups, *lags).contiguous(), pads


def _conv_transpose(rank: int) -> Callable[..., Any]:
    convolution = _CONVOLUTIONS[rank]

    def rewriting(
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        dilation: Any = 1,
    ) -> Any:
        if x.dim() != rank + 2:
            return NotImplemented
        strides, crops, extras = (each(it, rank) for it in (stride, padding, output_padding))
        with untraced():
            wide = _spread(weight.detach(), each(dilation, rank))
            taps = [int(it) for it in wide.shape[2:]]
            # Frames beyond (or, negative, short of) one stride for each input frame.
            more = [
                size - s - 2 * crop + extra
                for size, s, crop, extra in zip(taps, strides, crops, extras, strict=True)
            ]
            channels = int(weight.shape[1]) * groups
            extra = [max(0, -(-it // s)) for it, s in zip(more, strides, strict=True)]
            lengths = [int(it) for it in x.shape[2:]]
            by_phases = max(extra) == 0 or all(
                is_proportional(length + it) for length, it in zip(lengths, extra, strict=True)
            )
            if by_phases:
                kernel, pads = _phases(wide, strides, crops, extra, groups)
                repeats = kernel.shape[0] // channels
                bias = None if bias is None else bias.detach().repeat_interleave(repeats)
            else:
                kernel = _as_convolution(wide, groups)
        if by_phases:
            y = convolution(_padded(x, pads), kernel, bias, groups=groups)
            y = y.reshape(y.shape[0], channels, *strides, *y.shape[2:])
            order = [it for axis in range(rank) for it in (2 + rank + axis, 2 + axis)]
            y = y.permute(0, 1, *order)
            for axis, (s, it) in enumerate(zip(strides, more, strict=True)):
                y = cut(interleave(y, 2 + axis, s), 2 + axis, extra[axis] * s - it)
            return y
        # The last frames have no input frame of their own: zeros between frames, then padding.
        pads = []
        for axis in range(rank):
            x = _stuffed(x, 2 + axis, strides[axis])
            left = taps[axis] - 1 - crops[axis]
            pads = [left, left + extras[axis] - strides[axis] + 1, *pads]
        return convolution(_padded(x, pads), kernel, bias, groups=groups)

    return rewriting


def _padded(x: Tensor, pads: list[int]) -> Tensor:
    x = functional.pad(x, [max(0, it) for it in pads]) if max(pads) > 0 else x
    for axis, (left, right) in enumerate(zip(pads[::2], pads[1::2], strict=True)):
        if left < 0 or right < 0:
            kept = slice(max(0, -left), min(0, right) or None)
            x = x[(slice(None),) * (x.dim() - 1 - axis) + (kept,)]
    return x


def _stuffed(x: Tensor, dim: int, factor: int) -> Tensor:
    """Each frame followed by `factor - 1` frames of zeros."""
    if factor == 1:
        return x
    pads = [0, 0] * (x.dim() - dim - 1) + [0, factor - 1]
    return interleave(functional.pad(x.unsqueeze(dim + 1), pads), dim, factor)


TABLE: dict[Any, Callable[..., Any]] = {
    functional.conv_transpose1d: _conv_transpose(1),
    functional.conv_transpose2d: _conv_transpose(2),
    functional.conv_transpose3d: _conv_transpose(3),
}
