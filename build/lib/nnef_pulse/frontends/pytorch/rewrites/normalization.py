"""Normalization layers, deviations, norms and pools over a whole axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

Dims = int | Sequence[int] | None


def ones_like_slice(x: Tensor, keep: Sequence[int]) -> Tensor:
    """Ones with the sizes of x along `keep` and 1 along other axes; a stream where x is one.

    `torch.ones` of those sizes would be a constant, which no pulse cuts.
    """
    for axis in range(x.dim()):
        if axis not in keep:
            x = x.narrow(axis, 0, 1)
    return x.clamp(1.0, 1.0)


def _axes(x: Tensor, dim: Dims) -> list[int]:
    if dim is None:
        return list(range(x.dim()))
    given = [dim] if isinstance(dim, int) else list(dim)
    return [it % x.dim() for it in given] or list(range(x.dim()))


def _moments(x: Tensor, axes: list[int], correction: float) -> tuple[Tensor, Tensor]:
    mean = x.mean(axes, keepdim=True)
    gap = x - mean
    square = gap * gap
    if correction == 0:
        return mean, square.mean(axes, keepdim=True)
    count = ones_like_slice(x, axes).sum(axes, keepdim=True)
    return mean, square.sum(axes, keepdim=True) / (count - float(correction)).clamp(min=0.0)


def _squeezed(x: Tensor, axes: list[int], keepdim: bool) -> Tensor:
    if not keepdim:
        for axis in sorted(axes, reverse=True):
            x = x.squeeze(axis)
    return x


def _spread(root: bool, with_mean: bool) -> Callable[..., Any]:
    def rewriting(
        x: Tensor,
        dim: Any = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Any:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if correction is None:
            correction = 1 if unbiased is None or unbiased else 0
        axes = _axes(x, dim)
        mean, variance = _moments(x, axes, correction)
        result = _squeezed(variance.sqrt() if root else variance, axes, keepdim)
        return (result, _squeezed(mean, axes, keepdim)) if with_mean else result

    return rewriting


def norm_over(x: Tensor, order: float, axes: list[int], keepdim: bool) -> Any:
    """The vector norm along axes; NotImplemented for orders not spelt here."""
    if order == 2:
        result = (x * x).sum(axes, keepdim=True).sqrt()
    elif order == 1:
        result = x.abs().sum(axes, keepdim=True)
    elif order == float("inf"):
        result = x.abs().amax(axes, keepdim=True)
    else:
        return NotImplemented
    return _squeezed(result, axes, keepdim)


def _norm(
    x: Tensor, p: Any = "fro", dim: Dims = None, keepdim: bool = False, dtype: Any = None
) -> Any:
    order = 2 if p in ("fro", None) else p
    if not isinstance(order, (int, float)) or dtype is not None or x.is_complex():
        return NotImplemented
    return norm_over(x, order, _axes(x, dim), keepdim)


def _vector_norm(
    x: Tensor,
    ord: float = 2,  # noqa: A002  # PyTorch's name
    dim: Dims = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Any:
    return _norm(x, ord, dim, keepdim, dtype)


def _normalize(x: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Any = None) -> Any:
    size = norm_over(x, p, _axes(x, dim), True)
    return NotImplemented if size is NotImplemented else x / size.clamp(min=eps)


def _cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    sizes = [(it * it).sum(dim).sqrt().clamp(min=eps) for it in (x1, x2)]
    return (x1 * x2).sum(dim) / (sizes[0] * sizes[1])


def _per_channel(weight: Tensor | None, x: Tensor) -> Tensor | None:
    return None if weight is None else weight.reshape(1, -1, *[1] * (x.dim() - 2))


def _scaled(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    gain, offset = _per_channel(weight, x), _per_channel(bias, x)
    x = x if gain is None else x * gain
    return x if offset is None else x + offset


def _group_norm(
    x: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    *_cudnn: Any,
) -> Any:
    channels = int(x.shape[1])
    rest = [x.shape[axis] for axis in range(2, x.dim())]
    grouped = x.reshape(x.shape[0], num_groups, channels // num_groups, *rest)
    mean, variance = _moments(grouped, list(range(2, grouped.dim())), 0)
    level = (grouped - mean) * torch.rsqrt(variance + eps)
    return _scaled(level.reshape(x.shape[0], channels, *rest), weight, bias)


def _batch_norm(
    x: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
    *_cudnn: Any,
) -> Any:
    if running_mean is None or running_var is None:
        axes = [0, *range(2, x.dim())]
        mean, variance = _moments(x, axes, 0)
        return _scaled((x - mean) * torch.rsqrt(variance + eps), weight, bias)
    if training or (weight is not None and bias is not None):
        return NotImplemented
    scale = torch.rsqrt(running_var + eps)
    return _scaled(_scaled(x, scale, -running_mean * scale), weight, bias)


def _adaptive(pool: str, rank: int) -> Callable[..., Any]:
    def rewriting(x: Tensor, output_size: Any, return_indices: bool = False) -> Any:
        sizes = [output_size] * rank if isinstance(output_size, int) else list(output_size)
        sizes = [None if it is None else int(it) for it in sizes]
        if return_indices or any(it not in (1, None) for it in sizes):
            return NotImplemented
        axes = [x.dim() - rank + n for n, it in enumerate(sizes) if it == 1]
        if not axes:
            return x
        return x.mean(axes, keepdim=True) if pool == "avg" else x.amax(axes, keepdim=True)

    return rewriting


TABLE: dict[Any, Callable[..., Any]] = {
    torch.std: _spread(True, False),
    Tensor.std: _spread(True, False),
    torch.var: _spread(False, False),
    Tensor.var: _spread(False, False),
    torch.std_mean: _spread(True, True),
    torch.var_mean: _spread(False, True),
    torch.norm: _norm,
    Tensor.norm: _norm,
    torch.linalg.vector_norm: _vector_norm,
    torch.linalg.norm: _norm,
    functional.normalize: _normalize,
    functional.cosine_similarity: _cosine_similarity,
    functional.group_norm: _group_norm,
    torch.group_norm: _group_norm,
    functional.batch_norm: _batch_norm,
    functional.adaptive_avg_pool1d: _adaptive("avg", 1),
    functional.adaptive_avg_pool2d: _adaptive("avg", 2),
    functional.adaptive_max_pool1d: _adaptive("max", 1),
    functional.adaptive_max_pool2d: _adaptive("max", 2),
}
