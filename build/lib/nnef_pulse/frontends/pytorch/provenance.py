"""Follows what tensors of one trace are: first frames of a stream, single values, views."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from nnef_pulse.frontends.pytorch.data_flow import tensors


@dataclass(frozen=True)
class Prefix:
    """The first frames of a longer tensor along one axis."""

    source: Callable[[], Tensor]
    """Makes the longer tensor; only called where it is needed."""
    dim: int
    is_kept: bool
    """False where the axis was left out, by an index."""


@dataclass(frozen=True)
class View:
    """A part of another tensor, by index: writing to one writes to the other."""

    base: Tensor
    index: Any
    open_axes: tuple[int, ...]
    """Of the base."""


class Provenance:
    """What is known of tensors, by identity; they are kept alive so that no identity is reused."""

    def __init__(self) -> None:
        self.open_axes: dict[int, tuple[int, ...]] = {}
        """Of the tensors of the call that is being rewritten."""
        self._known: dict[tuple[type, int], tuple[Tensor, Any]] = {}

    def learn(self, tensor: Tensor, fact: Any) -> None:
        """Remember one thing about a tensor: a `Prefix`, a `View` or the one value it holds."""
        self._known[type(fact), id(tensor)] = (tensor, fact)

    def prefix(self, tensor: Tensor) -> Prefix | None:
        """What it is the beginning of."""
        return self._known.get((Prefix, id(tensor)), (None, None))[1]

    def view(self, tensor: Tensor) -> View | None:
        """What it is a view of."""
        return self._known.get((View, id(tensor)), (None, None))[1]

    def value(self, tensor: Tensor) -> float | None:
        """The value of all its elements, whatever the inputs."""
        return self._known.get((float, id(tensor)), (None, None))[1]

    def unsqueezed(self, x: Tensor, dim: int) -> Tensor:
        """`x.unsqueeze(dim)`, with what is known of it."""
        result = x.unsqueeze(dim)
        self.follow(Tensor.unsqueeze, (x, dim), {}, result)
        return result

    def forget(self, tensor: Tensor) -> None:
        """Nothing is known of a tensor that was written to."""
        for kind in (Prefix, View, float):
            self._known.pop((kind, id(tensor)), None)

    def follow(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Any, result: Any
    ) -> None:
        """Learn of the result of a call from its arguments."""
        if not isinstance(result, Tensor):
            return
        if func is Tensor.__getitem__:
            self._follow_index(args[0], args[1], result)
        elif func in _FACTORIES:
            value = _FACTORIES[func](*args, **kwargs)
            prefix = next(filter(None, map(self.prefix, tensors(args))), None)
            if isinstance(value, (int, float)):
                self.learn(result, _filled(prefix, value) if prefix else float(value))
        elif func in _RESHAPES and self.value(args[0]) is not None:
            self.learn(result, self.value(args[0]))
        elif func in (Tensor.unsqueeze, torch.unsqueeze) and self.prefix(args[0]):
            prefix, dim = self.prefix(args[0]), (*args, *kwargs.values())[1]
            if prefix and not prefix.is_kept and dim % result.dim() == prefix.dim:
                self.learn(result, Prefix(prefix.source, prefix.dim, True))
        elif func in _ELEMENTWISE and not kwargs:
            self._follow_elementwise(func, args, result)

    def _follow_index(self, x: Tensor, index: Any, result: Tensor) -> None:
        items = index if isinstance(index, tuple) else (index,)
        if not all(isinstance(it, (int, slice, type(None), type(Ellipsis))) for it in items):
            return
        opened = self.open_axes.get(id(x), ())
        self.learn(result, View(x, index, opened))
        taken = sum(isinstance(it, (int, slice)) for it in items)
        dim, at = 0, 0
        for n, it in enumerate(items):
            if it is Ellipsis:
                dim, at = dim + x.dim() - taken, at + x.dim() - taken
            elif it is None:
                at += 1
            else:
                if dim in opened and _is_beginning(it):
                    full = (*items[:n], slice(None), *items[n + 1 :])
                    kept = isinstance(it, slice)
                    if not kept and items[n + 1 : n + 2] == (None,):
                        kept, full = True, (*items[:n], slice(None), *items[n + 2 :])
                    self.learn(result, Prefix(partial(x.__getitem__, full), at, kept))
                dim += 1
                at += isinstance(it, slice)

    def _follow_elementwise(
        self, func: Callable[..., Any], args: tuple[Any, ...], result: Tensor
    ) -> None:
        prefixes = [self.prefix(it) if isinstance(it, Tensor) else None for it in args]
        found = [it for it in prefixes if it is not None]
        plain = [it for it in args if isinstance(it, Tensor) and self.prefix(it) is None]
        if not found or any(it.dim() for it in plain):
            return
        first = found[0]
        if all((it.dim, it.is_kept) == (first.dim, first.is_kept) for it in found):

            def source() -> Tensor:
                longer = [it.source() if it else x for it, x in zip(prefixes, args, strict=True)]
                made: Tensor = func(*longer)
                return made

            self.learn(result, Prefix(source, first.dim, first.is_kept))


def _filled(prefix: Prefix, value: float) -> Prefix:
    """As many frames of one value: a stream may be shorter than what is cut from it."""
    return Prefix(lambda: prefix.source().clamp(value, value), prefix.dim, prefix.is_kept)


def _is_beginning(item: Any) -> bool:
    if isinstance(item, int):
        return item == 0
    whole = item.start in (None, 0) and item.step in (None, 1)
    return bool(whole and isinstance(item.stop, int) and item.stop > 0)


def _methods(*names: str) -> set[Any]:
    both = (getattr(owner, name, None) for owner in (torch, Tensor) for name in names)
    return {it for it in both if it is not None}


_FACTORIES: dict[Any, Callable[..., Any]] = {
    **dict.fromkeys(_methods("zeros", "zeros_like", "new_zeros", "zero_"), lambda *_, **__: 0.0),
    **dict.fromkeys(_methods("ones", "ones_like", "new_ones"), lambda *_, **__: 1.0),
    **dict.fromkeys(
        _methods("full", "full_like", "new_full", "fill_"),
        lambda *given, fill_value=None, **_: next(
            (it for it in given[1:] if isinstance(it, (int, float))), fill_value
        ),
    ),
}
_RESHAPES = _methods(
    *("expand", "expand_as", "repeat", "unsqueeze", "to", "float", "clone", "contiguous")
)
_ELEMENTWISE = _methods(
    *("add", "sub", "mul", "div", "neg", "abs", "exp", "relu", "tanh", "sigmoid", "square", "sqrt"),
    *(f"__{it}__" for it in ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "neg")),
)

current: ContextVar[Provenance] = ContextVar("provenance")
"""Of the trace that is being made."""
