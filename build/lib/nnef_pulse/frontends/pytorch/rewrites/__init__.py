"""Spells PyTorch calls that torch_to_nnef or tract get wrong in others that they get right.

Each module holds a table: a function of PyTorch to one that computes the same. A rewriting takes
the same arguments and returns NotImplemented where the call is fine as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnef_pulse.frontends.pytorch.rewrites import (
    concatenation,
    elementwise,
    indexing,
    normalization,
    resampling,
    transposed,
    writes,
)

TABLE: dict[Any, Callable[..., Any]] = {
    **indexing.TABLE,
    **normalization.TABLE,
    **resampling.TABLE,
    **transposed.TABLE,
    **elementwise.TABLE,
    **concatenation.TABLE,
    **writes.TABLE,
}
