"""Tells which axes of a call's tensors are open, from two runs of forward at different sizes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FrameType
from typing import Any

import torch
from torch import Tensor

from nnef_pulse.frontends.pytorch.data_flow import tensors
from nnef_pulse.frontends.pytorch.rewrites.interleaving import untraced

Shapes = tuple[tuple[int, ...], ...]
# torch_to_nnef traces submodules again, each by itself: a call is known by where it stands and by
# its sizes, not by its number.
_Key = tuple[Any, str, int, Shapes]


class CallSizes:
    """Shapes of the tensors that calls take, at the example's sizes and at larger ones."""

    def __init__(self) -> None:
        self._runs: list[list[_Key]] = []
        self._larger: dict[_Key, Shapes | None] = {}

    def begin(self) -> None:
        """Record the next run: first that of the example, then that of larger sizes."""
        self._runs.append([])

    def record(self, func: Callable[..., Any], args: Any) -> None:
        """Take in a call of the current run; call it from `__torch_function__` itself."""
        self._runs[-1].append(_key(func, args, sys._getframe(2)))

    def compare(self) -> bool:
        """Match the calls of the first run and the last; whether there are two.

        Calls that do not match stay unknown.
        """
        if len(self._runs) < 2:
            return False
        example, larger = self._runs[0], self._runs[-1]
        if len(example) != len(larger):
            return True
        for key, other in zip(example, larger, strict=True):
            known = self._larger.setdefault(key, other[3])
            if key[:3] != other[:3] or known != other[3]:
                self._larger[key] = None
        return True

    def open_axes(self, func: Callable[..., Any], args: Any) -> dict[int, tuple[int, ...]]:
        """Open axes of each tensor of a call, by the tensor's id; empty where nothing is known."""
        key = _key(func, args, sys._getframe(2))
        larger = self._larger.get(key)
        if larger is None:
            return {}
        return {
            id(tensor): tuple(n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b)
            for tensor, one, two in zip(tensors(args), key[3], larger, strict=False)
        }


def _key(func: Callable[..., Any], args: Any, caller: FrameType) -> _Key:
    with untraced():
        shapes = tuple(tuple(it.shape) for it in tensors(args))
    return func, caller.f_code.co_filename, caller.f_lineno, shapes


def enlarged(tensor: Tensor, sizes: Iterable[tuple[int, int]]) -> Tensor:
    """The tensor with axes made longer by repeating it."""
    for axis, size in sizes:
        tensor = tensor.index_select(axis, torch.arange(size) % tensor.shape[axis])
    return tensor


def larger_sizes(example: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Sizes to run at besides the example's: twice as many first, which no stride hides."""
    for factor, more in ((2, 1), (2, 0), (1, 1)):
        yield {symbol: factor * size + more for symbol, size in example.items()}
