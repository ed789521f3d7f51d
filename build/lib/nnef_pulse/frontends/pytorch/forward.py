"""Calls a module with inputs by name, gives its outputs flat and named, and leaves it unchanged."""

from __future__ import annotations

import contextlib
import copy
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import nn

from nnef_pulse.errors import UnsupportedError, UsageError

Tensors = dict[str, torch.Tensor]

# What nn.Module keeps in its __dict__ by name; each is a dict of its own.
_REGISTRIES = ("_buffers", "_parameters", "_modules")
_CONTAINERS = (list, dict, set)


@contextlib.contextmanager
def borrowed(model: nn.Module) -> Iterator[nn.Module]:
    """The module in eval mode; on exit its mode, buffers and attributes are as on entry.

    Parameters are not saved: a forward that writes to its weights cannot be exported.
    """
    restorers = [_restorer(module) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            yield model
    finally:
        for restore in restorers:
            restore()


def _restorer(module: nn.Module) -> Callable[[], None]:
    training = module.training
    buffers = [(it, it.detach().clone()) for it in module.buffers(recurse=False)]
    if isinstance(module, torch.jit.ScriptModule):
        # Its attributes live in C++: the mode and the buffers are all that can be set.
        attributes = None
    else:
        attributes = dict(module.__dict__)
        for key, value in attributes.items():
            if isinstance(value, torch.Tensor):
                buffers.append((value, value.detach().clone()))
            elif key in _REGISTRIES or isinstance(value, _CONTAINERS):
                attributes[key] = copy.copy(value)

    def restore() -> None:
        if attributes is None:
            module.training = training
        else:
            module.__dict__.clear()
            module.__dict__.update(attributes)
        for tensor, before in buffers:
            if not torch.equal(tensor, before):
                with torch.no_grad():
                    tensor.copy_(before)

    return restore


def changed_attributes(model: nn.Module) -> Callable[[], list[str]]:
    """A function that names the buffers and attributes that changed since this call."""
    before = {path: _state(module) for path, module in model.named_modules()}

    def changed() -> list[str]:
        names = []
        for path, module in model.named_modules():
            old = before.get(path, {})
            for name, value in _state(module).items():
                if name not in old or not _same(old[name], value):
                    names.append(f"{path}.{name}".lstrip("."))
        return names

    return changed


def _state(module: nn.Module) -> dict[str, Any]:
    if isinstance(module, torch.jit.ScriptModule):
        entries: dict[str, Any] = dict(module.named_buffers(recurse=False))
    else:
        entries = {key: it for key, it in module.__dict__.items() if key not in _REGISTRIES}
        entries.update(module._buffers)
    return {key: _snapshot(value) for key, value in entries.items()}


def _snapshot(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, (tuple, list)):
        return [_snapshot(it) for it in value]
    if isinstance(value, dict):
        return {key: _snapshot(it) for key, it in value.items()}
    return value


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.shape == other.shape and torch.equal(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if type(one) is not type(other):
        return False
    return one is other or (isinstance(one, (bool, int, float, str)) and one == other)


class Signature:
    """How the given inputs reach forward's parameters.

    When all are names of its parameters each goes to the parameter of that name, else they go by
    position in their own order.

    Args:
        model: the module.
        names: of all inputs.
        values: those that are no inputs any more, with what forward is given for them.
    """

    def __init__(
        self, model: nn.Module, names: list[str], values: Mapping[str, Any] | None = None
    ) -> None:
        self._values = dict(values or {})
        parameters = _parameters(model)
        kinds = {it.kind for it in parameters.values()}
        known = [name for name, it in parameters.items() if it.kind in _NAMED]
        if set(names) <= set(known):
            self._taken = [name for name in known if name in names]
        else:
            self._taken = list(names)
        self.order = [name for name in self._taken if name not in self._values]
        open_ended = inspect.Parameter.VAR_KEYWORD in kinds
        self.by_name = set(names) <= set(known) or (open_ended and bool(set(names) & set(known)))
        by_position = [
            name
            for name, it in parameters.items()
            if it.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        ]
        self.positional = not self._values and (
            not self.by_name or self.order == by_position[: len(self.order)]
        )
        missing = [
            name
            for name, it in parameters.items()
            if it.kind in _NAMED and it.default is it.empty and name not in names
        ]
        if self.by_name and missing:
            raise UsageError(
                f"forward needs {', '.join(missing)}: give each an example, or a default"
            )

    def call(self, forward: Callable[..., Any], tensors: Mapping[str, Any]) -> Any:
        """What `forward` returns for tensors by input name."""
        given = {**tensors, **self._values}
        if self.by_name:
            return forward(**{name: given[name] for name in self._taken})
        return forward(*(given[name] for name in self._taken))


_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _parameters(model: nn.Module) -> dict[str, inspect.Parameter]:
    if isinstance(model, torch.jit.ScriptModule):
        schema: Any = model.forward.schema  # type: ignore[attr-defined]
        return {
            it.name: inspect.Parameter(
                it.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=it.default_value if it.has_default_value() else inspect.Parameter.empty,
            )
            for it in schema.arguments[1:]
        }
    return dict(inspect.signature(model.forward).parameters)


def flatten(result: Any, taken: Mapping[str, Any]) -> Tensors:
    """Outputs by name: `output`, `output_0`…, or a dict's own keys; nested ones joined by `_`.

    Args:
        result: what forward returned.
        taken: names of inputs; an output of the same name gets `_out`.

    Raises:
        UnsupportedError: there is something other than a tensor in it, or no tensor at all.
    """
    flat: Tensors = {}
    for path, value in _leaves(result, ()):
        name = re.sub(r"\W", "_", "_".join(path) if path else "output")
        if not name[0].isalpha():
            name = f"output_{name.lstrip('_')}"
        if not isinstance(value, torch.Tensor):
            raise UnsupportedError(
                f"output {name} is {type(value).__name__}, not a tensor: "
                "return a tensor, or a tuple or dict of tensors"
            )
        while name in taken or name in flat:
            name += "_out"
        flat[name] = value
    if not flat:
        raise UnsupportedError("forward returns no tensor: return one, or a tuple or dict of them")
    return flat


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for key, it in value.items():
            yield from _leaves(it, (*path, str(key)))
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        for key in value._fields:
            yield from _leaves(getattr(value, key), (*path, key))
    elif isinstance(value, (tuple, list)):
        for i, it in enumerate(value):
            yield from _leaves(it, (*(path or ("output",)), str(i)))
    elif hasattr(value, "__dataclass_fields__"):
        for key in value.__dataclass_fields__:
            yield from _leaves(getattr(value, key), (*path, key))
    elif value is not None:
        yield path, value
