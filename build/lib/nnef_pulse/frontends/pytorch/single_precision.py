"""Runs a module of bfloat16 in float32, which NNEF has words for and bfloat16 has not."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from nnef_pulse.errors import UnsupportedError
from nnef_pulse.frontends.pytorch.forward import Tensors


def widened(tensors: Mapping[str, torch.Tensor]) -> Tensors:
    """The same tensors, those of bfloat16 as float32."""
    return {name: _wide(it) for name, it in tensors.items()}


def narrowed(tensors: Mapping[str, torch.Tensor], like: Mapping[str, torch.Tensor]) -> Tensors:
    """Float32 tensors in the dtype that those of the same name have in `like`."""
    return {
        name: it.to(like[name].dtype) if like[name].dtype == torch.bfloat16 else it
        for name, it in tensors.items()
    }


@contextlib.contextmanager
def in_single_precision(model: nn.Module) -> Iterator[WideCasts]:
    """Weights, buffers and casts inside forward are float32 where they are bfloat16.

    Use it inside `borrowed`, which gives the module its own tensors back. What it gives tells
    afterwards whether forward casts.
    """
    wide: dict[int, Any] = {}
    for path, module in model.named_modules():
        registries = (module._parameters, module._buffers)
        narrow = [
            (name, it)
            for registry in registries
            for name, it in registry.items()
            if it is not None and it.dtype == torch.bfloat16
        ]
        if narrow and isinstance(module, torch.jit.ScriptModule):
            raise UnsupportedError(
                f"TorchScript module {path or type(model).__name__} has weights of bfloat16, "
                "which NNEF has no type for: call .float() on it before the export"
            )
        for name, it in narrow:
            if id(it) not in wide:
                value = it.detach().float()
                wide[id(it)] = value if name in module._buffers else nn.Parameter(value, False)
            # By attribute, so that a recurrent layer keeps its list of weights in step.
            setattr(module, name, wide[id(it)])
        for name, value in list(vars(module).items()):
            if isinstance(value, torch.Tensor) and value.dtype == torch.bfloat16:
                setattr(module, name, value.float())
    casts = WideCasts()
    enter = torch.autocast.__enter__

    def enter_wide(context: torch.autocast) -> Any:
        if context.fast_dtype == torch.bfloat16:
            casts.found, context._enabled = True, False
        return enter(context)  # type: ignore[no-untyped-call]

    torch.autocast.__enter__ = enter_wide  # type: ignore[method-assign]
    try:
        with casts:
            yield casts
    finally:
        torch.autocast.__enter__ = enter  # type: ignore[method-assign]


class WideCasts(TorchFunctionMode):
    """Casts to bfloat16 and tensors made in it are of float32; `found` says there was one."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def __torch_function__(
        self,
        func: Callable[..., Any],
        _types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func is torch.Tensor.bfloat16:
            func, args = torch.Tensor.to, (args[0], torch.bfloat16)
        named = {name: self._wide(it) for name, it in (kwargs or {}).items()}
        return func(*map(self._wide, args), **named)

    def _wide(self, value: Any) -> Any:
        if not isinstance(value, torch.dtype) or value != torch.bfloat16:
            return value
        self.found = True
        return torch.float32


def _wide(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.float() if tensor.dtype == torch.bfloat16 else tensor
