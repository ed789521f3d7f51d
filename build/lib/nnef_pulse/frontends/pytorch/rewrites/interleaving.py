"""Axes merged so that a stream can follow, and constants computed outside of a trace."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

# torch's stubs leave out half of what the tracer's state is set by.
_C: Any = torch._C


@contextlib.contextmanager
def untraced() -> Iterator[None]:
    """What is computed inside is a constant of the trace."""
    state = _C._get_tracing_state()
    _C._set_tracing_state(None)
    try:
        yield
    finally:
        _C._set_tracing_state(state)


def each(value: Any, rank: int) -> list[int]:
    """One number for each of `rank` axes."""
    values = [value] if isinstance(value, int) else [int(it) for it in value]
    return values * rank if len(values) == 1 else values


_example_sizes: ContextVar[tuple[int, ...]] = ContextVar("example_sizes", default=())


@contextlib.contextmanager
def open_sizes(sizes: Sequence[int]) -> Iterator[None]:
    """Tell, for what is traced inside, which sizes the open axes have in the example."""
    token = _example_sizes.set(tuple(sizes))
    try:
        yield
    finally:
        _example_sizes.reset(token)


def is_proportional(length: int) -> bool:
    """Whether a length can be a plain ratio of an open size, as far as the example tells."""
    sizes = [it for it in _example_sizes.get() if it > 1]
    return not sizes or any(size % length == 0 or length % size == 0 for size in sizes)


def interleave(x: Tensor, dim: int, factor: int) -> Tensor:
    """Merge axis `dim + 1`, of size `factor`, into axis `dim`: each frame becomes `factor`.

    tract pulses a reshape whose length is a ratio of the symbol, and none of `S - 2` frames: such
    a length is padded in front to the next ratio, and the frames too many are cut off.
    """
    length = int(x.shape[dim])
    missing = next((n for n in range(length // 8 + 1) if is_proportional(length + n)), 0)
    if missing:
        x = functional.pad(x, [0, 0] * (x.dim() - dim - 1) + [missing, 0])
    shape = x.shape
    merged = x.reshape(*shape[:dim], shape[dim] * factor, *shape[dim + 2 :])
    return merged[(slice(None),) * dim + (slice(missing * factor, None),)] if missing else merged


def cut(x: Tensor, dim: int, count: int) -> Tensor:
    """Without the last `count` frames."""
    return x[(slice(None),) * dim + (slice(None, -count),)] if count else x
