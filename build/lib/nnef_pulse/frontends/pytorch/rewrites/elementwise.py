"""Ranges of a dtype, limits, products of complex tensors, attention under a boolean mask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from nnef_pulse.frontends.pytorch.rewrites.interleaving import untraced


def _arange(*bounds: Any, dtype: Any = None, **more: Any) -> Any:
    """A range of whole numbers first, then its type: torch_to_nnef drops the type asked for."""
    if dtype is None or dtype == torch.int64 or any(isinstance(it, float) for it in bounds):
        return NotImplemented
    return torch.arange(*bounds, **more).to(dtype)


def _complex_product(one: Any, other: Any) -> Any:
    """By parts: torch_to_nnef multiplies real with real and imaginary with imaginary."""
    if not all(isinstance(it, Tensor) and it.is_complex() for it in (one, other)):
        return NotImplemented
    (a, b), (c, d) = (torch.view_as_real(it).unbind(-1) for it in (one, other))
    return torch.view_as_complex(torch.stack([a * c - b * d, a * d + b * c], -1))


def _limited(function: Callable[..., Tensor]) -> Callable[..., Any]:
    """Limits of the tensor's own type: tract finds no common type for a float and an integer."""

    def rewriting(x: Tensor, *limits: Any, **named: Any) -> Any:
        if not x.is_floating_point():
            return NotImplemented
        return function(x, *map(_as_float, limits), **{n: _as_float(it) for n, it in named.items()})

    return rewriting


def _like(own: Callable[..., Tensor]) -> Callable[..., Any]:
    """Of a tensor of the dtype asked for: torch_to_nnef drops that dtype."""

    def rewriting(x: Tensor, *value: Any, dtype: Any = None, **more: Any) -> Any:
        if dtype in (None, x.dtype):
            return NotImplemented
        return own(x.to(dtype), *value)

    return rewriting


def _constant(function: Callable[..., Tensor]) -> Callable[..., Any]:
    """Computed before the trace: torch_to_nnef has no such operator."""

    def rewriting(*given: Any, **named: Any) -> Any:
        if not all(isinstance(it, (int, float)) for it in given):
            return NotImplemented
        with untraced():
            return function(*given, **named)

    return rewriting


def _as_float(limit: Any) -> Any:
    return float(limit) if isinstance(limit, int) else limit


def _attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    *more: Any,
    **named: Any,
) -> Any:
    """A boolean mask as the numbers PyTorch adds for it: torch_to_nnef adds 0 and 1."""
    if attn_mask is None or attn_mask.dtype != torch.bool:
        return NotImplemented
    added = torch.zeros_like(attn_mask.to(query.dtype)).masked_fill(~attn_mask, -torch.inf)
    return functional.scaled_dot_product_attention(query, key, value, added, *more, **named)


TABLE: dict[Any, Callable[..., Any]] = {
    torch.arange: _arange,
    **{
        function: _constant(function)
        for function in (
            *(torch.hann_window, torch.hamming_window, torch.blackman_window),
            *(torch.kaiser_window, torch.bartlett_window, torch.eye),
        )
    },
    **{
        function: _limited(function)
        for name in ("clamp", "clamp_min", "clamp_max", "clip")
        for function in (getattr(torch, name), getattr(Tensor, name))
    },
    **{it: _like(it) for it in (torch.zeros_like, torch.ones_like, torch.full_like)},
    functional.scaled_dot_product_attention: _attention,
    torch.mul: _complex_product,
    torch.multiply: _complex_product,
    Tensor.mul: _complex_product,
    Tensor.multiply: _complex_product,
    Tensor.__mul__: _complex_product,
    Tensor.__rmul__: _complex_product,
}
