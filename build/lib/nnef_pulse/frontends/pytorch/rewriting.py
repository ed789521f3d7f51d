"""Replaces calls by others of the same result while torch_to_nnef traces a module."""

from __future__ import annotations

import contextlib
import inspect
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
import torch.jit._trace
from torch import nn
from torch.overrides import TorchFunctionMode

from nnef_pulse.frontends.pytorch import provenance
from nnef_pulse.frontends.pytorch.call_sizes import CallSizes
from nnef_pulse.frontends.pytorch.rewrites import TABLE
from nnef_pulse.frontends.pytorch.rewrites.interleaving import open_sizes
from nnef_pulse.frontends.pytorch.rewrites.writes import write_through

_FUNCTIONAL = nn.functional.__name__
# Of this mode, and of those around it.
_FRAMES_OF_MODES = ("__torch_function__", "_own")
_IN_PLACE = [f"__i{it}__" for it in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")]
_IN_PLACE += [f"__i{it}__" for it in ("and", "or", "xor", "lshift", "rshift")]


class Rewriting(TorchFunctionMode):
    """While active and tracing, calls of functions in the table run their rewriting."""

    def __init__(self, sizes: CallSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.is_recording = False

    def __torch_function__(
        self,
        func: Callable[..., Any],
        _types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Runs the rewriting of `func`, or `func` itself where there is none."""
        kwargs = kwargs or {}
        is_tracing = torch._C._get_tracing_state()
        if not is_tracing and not self.is_recording:
            return func(*args, **kwargs)
        rewriting = TABLE.get(func)
        if not is_tracing:
            if rewriting is not None:
                self.sizes.record(func, (args, kwargs))
        elif rewriting is not None:
            provenance.current.get().open_axes = self.sizes.open_axes(func, (args, kwargs))
            result = rewriting(*args, **kwargs)
            if result is not NotImplemented:
                provenance.current.get().follow(func, args, kwargs, result)
                return result
        result = self._own(func, args, kwargs)
        if is_tracing:
            known = provenance.current.get()
            if _writes(func):
                view = known.view(args[0])
                known.forget(args[0])
                if view is not None:
                    known.learn(args[0], view)
                known.follow(func, args, kwargs, result)
                write_through(args[0])
            else:
                known.follow(func, args, kwargs, result)
        return result

    def observe(self, runs: Sequence[Callable[[], Any]]) -> None:
        """Learn which axes are open from a run of the example and the first larger one that works.

        A model that refuses all of them keeps its concatenations and flips as they are.
        """
        self.is_recording = True
        try:
            for run in runs:
                self.sizes.begin()
                with contextlib.suppress(Exception):  # whatever the author's code raises
                    run()
                    if self.sizes.compare():
                        break
        finally:
            self.is_recording = False

    def _own(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Runs the function itself; what a functional calls inside is seen by the mode too."""
        if (
            isinstance(func, types.FunctionType)
            and func.__module__ == _FUNCTIONAL
            # A function with a closure only chooses another, which comes by here itself.
            and func.__closure__ is None
        ):
            with self:
                return _body(func)(*args, **kwargs)
        return func(*args, **kwargs)


def _writes(func: Callable[..., Any]) -> bool:
    """Whether it changes its first argument: `add_`, `__iadd__`."""
    name = getattr(func, "__name__", "")
    return (name.endswith("_") and not name.endswith("__")) or name in _IN_PLACE


def _body(func: types.FunctionType) -> Callable[..., Any]:
    """The function without the check that would hand it to the mode again.

    What it calls inside is then seen by the mode too.
    """
    seen = {name: _no_torch_function for name in func.__globals__ if "has_torch_function" in name}
    copy = types.FunctionType(
        func.__code__,
        {**func.__globals__, **seen},
        func.__name__,
        func.__defaults__,
    )
    copy.__kwdefaults__ = func.__kwdefaults__
    return copy


def _no_torch_function(*_arguments: Any) -> bool:
    return False


@contextlib.contextmanager
def rewritten(
    model: nn.Module, sizes: Sequence[int], runs: Sequence[Callable[[], Any]]
) -> Iterator[None]:
    """Traces made inside are of rewritten calls.

    Args:
        model: what is traced.
        sizes: of open axes in the example.
        runs: of the model, at the example's sizes and then at larger ones to try.
    """
    hooks = [
        module.register_forward_pre_hook(_expand_states, with_kwargs=True)
        for module in model.modules()
        if isinstance(module, (nn.RNNBase,))
    ]
    mode = Rewriting(CallSizes())
    token = provenance.current.set(provenance.Provenance())
    try:
        with mode, open_sizes(sizes):
            mode.observe(runs)
            with _names_of_callers():
                yield
    finally:
        provenance.current.reset(token)
        for hook in hooks:
            hook.remove()


@contextlib.contextmanager
def _names_of_callers() -> Iterator[None]:
    """Values keep the names of the author's variables.

    PyTorch looks for them in the frame that calls an operator, which is a mode's while one is
    active.
    """
    tracer = torch.jit._trace
    own = tracer._create_interpreter_name_lookup_fn

    def create(frames_up: int = 1) -> Callable[[torch.Tensor], str]:
        def name_of(value: torch.Tensor) -> str:
            frame = inspect.currentframe()
            for _ in range(frames_up + 1):
                frame = frame and frame.f_back
            while frame and frame.f_code.co_name in _FRAMES_OF_MODES:
                frame = frame.f_back
            # The variables of PyTorch's own layers, such as `input`, say nothing of the model.
            module = frame.f_globals.get("__name__", "") if frame else ""
            local = frame.f_locals if frame and not module.startswith("torch.") else {}
            names = (name for name, known in local.items() if known is value and name != "self")
            return next(names, "")

        return name_of

    tracer._create_interpreter_name_lookup_fn = create
    try:
        yield
    finally:
        tracer._create_interpreter_name_lookup_fn = own


def _expand_states(
    module: nn.RNNBase, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """Tie initial states to the input's batch: torch_to_nnef takes none that is a constant."""
    given = dict(zip(("input", "hx"), args, strict=False)) | kwargs
    x, states = given["input"], given.get("hx")
    if states is None or x.dim() != 3:
        return None
    batch = x.shape[0 if module.batch_first else 1]

    def expanded(state: torch.Tensor) -> torch.Tensor:
        return state.expand(state.shape[0], batch, state.shape[2])

    if isinstance(states, torch.Tensor):
        return (x, expanded(states)), {}
    return (x, tuple(map(expanded, states))), {}
