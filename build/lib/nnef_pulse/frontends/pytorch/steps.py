"""The values a PyTorch module computes on the way, each with its module and source line."""

from __future__ import annotations

import contextlib
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from nnef_pulse.frontends.source import Step

# Frames of these are not the author's.
_LIBRARIES = (
    str(Path(torch.__file__).parent),
    sysconfig.get_path("stdlib"),
    str(Path(__file__).parents[2]),
)
_DTYPES = {torch.bfloat16: "bf16", torch.float16: "f16"}


def precision_of(model: torch.nn.Module, inputs: Mapping[str, torch.Tensor]) -> str:
    """The least precise floating-point dtype of weights and inputs."""
    tensors = [*model.parameters(), *model.buffers(), *inputs.values()]
    found = {_DTYPES.get(tensor.dtype) for tensor in tensors}
    return next((name for name in _DTYPES.values() if name in found), "f32")


def steps(model: torch.nn.Module, call: Callable[[], Any]) -> list[Step]:
    """What `call`, which runs `model`, computes, in order."""
    with _plain_parameters(model), torch.no_grad():
        recorder = _Recorder(model)
        with recorder:
            call()
    return recorder.steps


@contextlib.contextmanager
def _plain_parameters(model: torch.nn.Module) -> Iterator[None]:
    """Parameters as plain tensors: torch_to_nnef leaves a subclass that cannot be dispatched."""
    kept = [(module, dict(module._parameters)) for module in model.modules()]
    for module, parameters in kept:
        for name, value in parameters.items():
            if value is not None:
                module._parameters[name] = value.detach().as_subclass(torch.Tensor)  # type: ignore[assignment]
    try:
        yield
    finally:
        for module, parameters in kept:
            module._parameters.update(parameters)


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]  # untyped in torch
    """Keeps the result of every operator, and follows which module is running."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.steps: list[Step] = []
        self._modules: list[str] = []
        self._handles: list[Any] = []
        for path, module in model.named_modules():
            self._handles += self._follow(path, module)

    def _follow(self, path: str, module: torch.nn.Module) -> Iterator[Any]:
        def enter(*_: Any) -> None:
            self._modules.append(path)

        def leave(*_: Any) -> None:
            self._modules.pop()

        if isinstance(module, torch.jit.ScriptModule):
            return
        yield module.register_forward_pre_hook(enter)
        yield module.register_forward_hook(leave)

    def __exit__(self, *error: Any) -> None:
        for handle in self._handles:
            handle.remove()
        super().__exit__(*error)  # type: ignore[no-untyped-call]

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        line = line_of(sys._getframe(1))
        module = self._modules[-1] if self._modules else ""
        name = str(func.overloadpacket.__name__).strip("_")
        for value in result if isinstance(result, (tuple, list)) else (result,):
            if isinstance(value, torch.Tensor) and value.dtype != torch.bfloat16:
                array = value.detach().cpu().resolve_conj().resolve_neg().numpy().copy()
                self.steps.append(Step(name, module, line, array))
        return result


def line_of(frame: FrameType | None) -> str:
    """Where the author's own code stands."""
    while frame is not None:
        path = frame.f_code.co_filename
        if path.endswith(".py") and not path.startswith(_LIBRARIES):
            return f"{Path(path).name}:{frame.f_lineno}"
        frame = frame.f_back
    return ""
