"""Resampling and convolutions that thin out, as convolutions and reshapes that stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from nnef_pulse.frontends.pytorch.rewrites.interleaving import each, interleave, untraced


def _repeat(x: Tensor, dim: int, factor: int) -> Tensor:
    # Not by expanding an axis: tract then forgets by how many frames the stream is late.
    return interleave(torch.stack([x] * factor, dim + 1), dim, factor)


def _repeat_interleave(x: Tensor, repeats: Any, dim: int | None = None, **more: Any) -> Any:
    if not isinstance(repeats, int) or dim is None or more:
        return NotImplemented
    return _repeat(x, dim % x.dim(), repeats)


def _thin(x: Tensor, dim: int, factor: int) -> Tensor:
    """Each `factor`-th frame while whole groups of them last."""
    return _pooled(x, dim, lambda it: functional.max_pool1d(it[..., : 1 - factor], 1, factor))


def _pooled(x: Tensor, dim: int, pool: Callable[[Tensor], Tensor]) -> Tensor:
    moved = x.movedim(dim, -1)
    shape = moved.shape
    pooled = pool(moved.reshape(1, -1, shape[-1]))
    return pooled.reshape(*shape[:-1], pooled.shape[-1]).movedim(-1, dim)


def _linear(x: Tensor, dim: int, factor: int) -> Tensor:
    """Linear interpolation between the middles of frames, the edges held."""
    with untraced():
        kernel = x.new_zeros(factor, 1, 3)
        for n in range(factor):
            at = (n + 0.5) / factor - 0.5
            kernel[n, 0, 1] = 1 - abs(at)
            kernel[n, 0, 0 if at < 0 else 2] = abs(at)
    moved = x.movedim(dim, -1)
    shape = moved.shape
    flat = moved.reshape(-1, 1, shape[-1])
    # What the zero beyond an edge takes away is put back by weights that sum to 1.
    values = functional.conv1d(flat, kernel, padding=1)
    weights = functional.conv1d(flat.clamp(1.0, 1.0), kernel, padding=1)
    phases = (values / weights).transpose(1, 2)
    return interleave(phases, 1, factor).reshape(*shape[:-1], shape[-1] * factor).movedim(-1, dim)


def _interpolate(
    x: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    rank = x.dim() - 2
    factors: list[float] = []
    for axis in range(rank):
        if scale_factor is not None:
            given = scale_factor if not isinstance(scale_factor, Sequence) else scale_factor[axis]
            factors.append(float(given))
        else:
            wanted = size[axis] if isinstance(size, Sequence) else size
            factors.append(int(wanted) / int(x.shape[2 + axis]))
    if antialias or align_corners:
        return NotImplemented
    up, down = (
        {"nearest": (_repeat, _thin), "nearest-exact": (_repeat, None), "area": (_repeat, _mean)}
    ).get(mode, (_linear if mode in ("linear", "bilinear", "trilinear") else None, None))
    for axis, factor in enumerate(factors):
        if factor == 1:
            continue
        if factor == int(factor) and up is not None:
            x = up(x, 2 + axis, int(factor))
        elif 0 < factor < 1 and abs(1 / factor - round(1 / factor)) < 1e-9 and down is not None:
            x = down(x, 2 + axis, round(1 / factor))
        else:
            return NotImplemented
    return x


def _mean(x: Tensor, dim: int, factor: int) -> Tensor:
    return _pooled(x, dim, lambda it: functional.avg_pool1d(it, factor, factor))


def _pixel_shuffle(x: Tensor, upscale_factor: int) -> Tensor:
    r = upscale_factor
    channels = int(x.shape[1]) // (r * r)
    y = x.reshape(x.shape[0], channels, r, r, x.shape[2], x.shape[3]).permute(0, 1, 4, 2, 5, 3)
    return interleave(interleave(y, 2, r), 3, r)


def _avg_pool(rank: int) -> Callable[..., Any]:
    pool: Callable[..., Tensor] = functional.avg_pool1d if rank == 1 else functional.avg_pool2d

    def rewriting(
        x: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Any:
        pads = [it for size in reversed(each(padding, rank)) for it in (size, size)]
        if not any(pads) or ceil_mode or divisor_override is not None:
            return NotImplemented
        strides = kernel_size if stride is None or stride == [] else stride
        means = pool(functional.pad(x, pads), kernel_size, strides)
        if count_include_pad:
            return means
        return means / pool(functional.pad(x.clamp(1.0, 1.0), pads), kernel_size, strides)

    return rewriting


def _strided(convolution: Callable[..., Tensor], pool: Callable[..., Tensor]) -> Callable[..., Any]:
    """Thin out first where every tap meets the frames kept alone: tract cannot write its way."""

    def rewriting(
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Any:
        rank = weight.dim() - 2
        if isinstance(padding, str) or x.dim() != rank + 2:
            return NotImplemented
        strides, pads, gaps = (each(it, rank) for it in (stride, padding, dilation))
        thin = [
            s if size == 1 or gap % s == 0 else 1
            for s, size, gap in zip(strides, weight.shape[2:], gaps, strict=True)
        ]
        if max(thin) == 1:
            return NotImplemented
        if any(pads):
            x = functional.pad(x, [it for size in reversed(pads) for it in (size, size)])
        return convolution(
            pool(x, [1] * rank, thin),
            weight,
            bias,
            stride=[s // it for s, it in zip(strides, thin, strict=True)],
            dilation=[max(1, gap // it) for gap, it in zip(gaps, thin, strict=True)],
            groups=groups,
        )

    return rewriting


TABLE: dict[Any, Callable[..., Any]] = {
    functional.interpolate: _interpolate,
    functional.upsample: _interpolate,
    torch.conv1d: _strided(torch.conv1d, functional.max_pool1d),
    torch.conv2d: _strided(torch.conv2d, functional.max_pool2d),
    torch.repeat_interleave: _repeat_interleave,
    Tensor.repeat_interleave: _repeat_interleave,
    functional.pixel_shuffle: _pixel_shuffle,
    functional.avg_pool1d: _avg_pool(1),
    functional.avg_pool2d: _avg_pool(2),
}
