"""Follows the inputs' values through a traced forward, and refuses Python code that reads them.

A trace keeps the operations of one run. Where Python itself looks at a value (a branch, `item()`,
a list), the trace keeps what that one value decided. Sizes may be read: under a trace they are
tensors too, so every tensor has a level that says whether it depends on values or on sizes alone.
"""

from __future__ import annotations

import ast
import enum
import linecache
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from nnef_pulse.errors import DataBranchError

_TORCH = str(Path(torch.__file__).parent)
_HERE = str(Path(__file__).parent)


class Level(enum.IntEnum):
    """What a tensor depends on."""

    NOTHING = 0
    SIZES = 1
    VALUES = 2


_Method = torch.Tensor
# These turn a tensor into something that Python itself decides by.
_READS: dict[Any, str] = {
    _Method.__bool__: "branches on",
    _Method.__int__: "reads",
    _Method.__float__: "reads",
    _Method.__complex__: "reads",
    _Method.__index__: "reads",
    _Method.__contains__: "branches on",
    _Method.item: "reads",
    _Method.tolist: "reads",
    _Method.numpy: "reads",
    _Method.__array__: "reads",
    _Method.is_nonzero: "branches on",
    _Method.equal: "branches on",
    _Method.allclose: "branches on",
    torch.is_nonzero: "branches on",
    torch.equal: "branches on",
    torch.allclose: "branches on",
}
# The size of what these give depends on values.
_SELECTIONS = {
    _Method.nonzero,
    _Method.masked_select,
    _Method.unique,
    _Method.unique_consecutive,
    _Method.bincount,
    torch.nonzero,
    torch.argwhere,
    torch.masked_select,
    torch.unique,
    torch.unique_consecutive,
    torch.bincount,
}
# These read the size of their first argument and nothing of its values.
_SIZES_ONLY = {
    _Method.size,
    _Method.numel,
    _Method.nelement,
    _Method.__len__,
    _Method.shape.__get__,  # type: ignore[attr-defined]
    _Method.new_zeros,
    _Method.new_ones,
    _Method.new_empty,
    _Method.new_full,
    torch.numel,
    torch.zeros_like,
    torch.ones_like,
    torch.empty_like,
    torch.full_like,
    torch.rand_like,
    torch.randn_like,
}


class DataFlow(TorchFunctionMode):
    """Levels of all tensors made while it is active.

    Args:
        inputs: the tensors whose values are the data.
    """

    def __init__(self, inputs: Iterable[torch.Tensor]) -> None:
        super().__init__()
        # Views share a storage, so a write to one reaches all. The tensors are kept alive: a freed
        # storage's address would be used again.
        self._levels: dict[int, tuple[Level, torch.Tensor]] = {}
        for tensor in inputs:
            self._mark(tensor, Level.VALUES)

    def level(self, tensor: torch.Tensor) -> Level:
        """What it depends on."""
        return self._levels.get(_storage(tensor), (Level.NOTHING, tensor))[0]

    def __torch_function__(
        self,
        func: Callable[..., Any],
        _types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Runs `func`, then gives its results the level of its arguments."""
        kwargs = kwargs or {}
        levels = [self.level(it) for it in tensors((args, kwargs))]
        level = max(levels, default=Level.NOTHING)
        if level is Level.VALUES:
            self._check(func, args)
        if func in _SIZES_ONLY:
            rest = [self.level(it) for it in tensors((args[1:], kwargs))]
            level = max([min(level, Level.SIZES), *rest])
        result = func(*args, **kwargs)
        if level is not Level.NOTHING:
            for tensor in tensors(result):
                self._mark(tensor, level)
            name = getattr(func, "__name__", "")
            in_place = name in ("__setitem__", "__set__") or (
                name.endswith("_") and not name.endswith("__")
            )
            if in_place or name.startswith("__i"):
                for tensor in tensors(args[:1]):
                    self._mark(tensor, level)
        return result

    def _mark(self, tensor: torch.Tensor, level: Level) -> None:
        if level > self.level(tensor):
            self._levels[_storage(tensor)] = (level, tensor)

    def _check(self, func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if func in _READS:
            where = _caller()
            if not _only_checks(where):
                raise DataBranchError(_refusal(where, _READS[func]))
        elif func in _SELECTIONS or (
            func in (_Method.__getitem__, torch.where)
            and _selects(func, args, lambda it: self.level(it) is Level.VALUES)
        ):
            where = _caller()
            raise DataBranchError(
                f"{_place(where)}: {_line(where)!r} keeps as many elements as the data decides, "
                "so the result has no size of its own; keep all and mark them with torch.where"
            )


def _selects(
    func: Callable[..., Any], args: tuple[Any, ...], is_data: Callable[[torch.Tensor], bool]
) -> bool:
    if func is torch.where:
        return len(args) == 1
    return any(it.dtype in (torch.bool, torch.uint8) and is_data(it) for it in tensors(args[1:]))


def _refusal(where: types.FrameType, verb: str) -> str:
    advice = (
        "compute both sides and choose with torch.where"
        if verb == "branches on"
        else "keep it a tensor"
    )
    return (
        f"{_place(where)}: {_line(where)!r} {verb} a value of the data, "
        f"and a trace would keep what the example's value decided; {advice}"
    )


def _storage(tensor: torch.Tensor) -> int:
    try:
        return int(tensor.untyped_storage()._cdata)
    except (RuntimeError, NotImplementedError):
        return id(tensor)  # sparse tensors have no storage


def tensors(value: Any) -> Iterator[torch.Tensor]:
    """All tensors in arguments, in order."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for it in value:
            yield from tensors(it)
    elif isinstance(value, dict):
        for it in value.values():
            yield from tensors(it)
    elif isinstance(value, slice):
        yield from tensors((value.start, value.stop, value.step))


def _caller() -> types.FrameType:
    """The innermost frame of the model's own code, or of torch's when there is no other."""
    frame = innermost = sys._getframe(1)
    while True:
        path = frame.f_code.co_filename
        if path.startswith(_HERE) or frame.f_code.co_name == "__torch_function__":
            innermost = frame = frame.f_back or frame
        elif path.startswith(_TORCH) and frame.f_back is not None:
            frame = frame.f_back
        else:
            return innermost if path.startswith(_HERE) else frame


def _place(frame: types.FrameType) -> str:
    path = Path(frame.f_code.co_filename)
    return f"{path.name}:{frame.f_lineno}"


def _line(frame: types.FrameType) -> str:
    return linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()


def _only_checks(frame: types.FrameType) -> bool:
    """Whether the line is an assert, or an `if` that does no more than raise or warn."""
    text = "".join(linecache.getlines(frame.f_code.co_filename))
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and _covers(node, frame.f_lineno):
            return True
        if isinstance(node, ast.If) and _covers(node.test, frame.f_lineno):
            return not node.orelse and all(map(_ends_nothing, node.body))
    return False


def _covers(node: ast.expr | ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _ends_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Raise, ast.Pass)):
        return True
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return False
    name = ast.unparse(statement.value.func)
    return name == "print" or name.split(".")[0] in ("warnings", "logger", "logging", "log")
