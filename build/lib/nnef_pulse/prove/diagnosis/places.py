"""Names the place of an operation in the author's words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from nnef_pulse.engine.model import Array
from nnef_pulse.frontends.source import Step

# What only looks at a value in another shape or keeps it is not what computed it.
_VIEWS = frozenset(
    (
        *("view", "reshape", "unsafe_view", "transpose", "permute", "unsqueeze", "squeeze"),
        *("expand", "t", "detach", "clone", "contiguous", "select", "slice", "alias"),
        *("as_strided", "lift_fresh", "copy", "to", "unbind", "split"),
    )
)
# Operations of a model's text that move values and compute none.
_MOVES = re.compile(
    r"(dyn_)?slice\w*|tract_core_(strided_)?slice|reshape|transpose|(un)?squeeze|tract_core_gather"
)
_CLOSE = 1e-4


def step_of(op: str, values: Sequence[Array], steps: Sequence[Step]) -> Step | None:
    """The step of the source that an operation belongs to.

    Args:
        op: the operation's name in the model's text.
        values: of its wire, then of wires computed from it: the source may compute in one step
            what the model computes in several.
        steps: of the source, in order.
    """
    if _MOVES.fullmatch(op):
        for value in values[:1]:
            same = [it for it in steps if np.array_equal(it.value.ravel(), value.ravel())]
            same.sort(key=lambda it: it.value.shape != value.shape)
            if same:
                return same[0]
    for value in values:
        sought = _sorted(value)
        for step in steps:
            if step.operator not in _VIEWS and _alike(step.value, value, sought):
                return step
    return None


def name_place(step: Step) -> str:
    """Operator, module and line: `mean (in encoder.norm, model.py:12)`."""
    where = [f"in {step.module}"] if step.module else []
    where += [step.line] if step.line else []
    return step.operator + (f" ({', '.join(where)})" if where else "")


def _alike(one: Array, other: Array, other_sorted: Array) -> bool:
    if one.size != other.size or one.size == 0 or one.dtype.kind != other.dtype.kind:
        return False
    scale = float(np.abs(other_sorted).max(initial=0.0)) or 1.0
    with np.errstate(invalid="ignore"):
        gap = np.abs(_sorted(one) - other_sorted)
    return bool(np.isfinite(gap).all() and gap.max(initial=0.0) <= _CLOSE * scale)


def _sorted(array: Array) -> Array:
    flat = array.astype(np.complex128 if array.dtype.kind == "c" else np.float64).reshape(-1)
    result: Array = np.sort(flat)
    return result
