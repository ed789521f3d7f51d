"""Names the place of an operation in the author's words."""

from __future__ import annotations

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
_CLOSE = 1e-4


def step_of(value: Array, steps: Sequence[Step]) -> Step | None:
    """The step of the source that first computes a value, in whatever shape."""
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
