"""How far two runs may differ: errors relative to the output's own scale, limits by dtype.

The error of a value is its absolute difference over the larger of its own magnitude and the
output's scale. The scale is the median magnitude of the output's nonzero values: an absolute limit
would accept anything of a quiet output, and a scale taken from the largest value would accept
anything beside one loud value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnef_pulse.engine.model import Array

# Two frameworks sum in different orders. A stream and its whole run the same kernels, over other
# numbers of columns. f16 and bf16 carry 11 and 8 bits of precision where f32 carries 24.
_WHOLE = {"f32": 1e-4, "f16": 1e-2, "bf16": 5e-2}
_PULSED = {"f32": 1e-5, "f16": 5e-3, "bf16": 5e-2}

PRECISIONS = tuple(_WHOLE)


@dataclass(frozen=True)
class Tolerance:
    """The largest error allowed, for a model of `precision`."""

    precision: str = "f32"
    """The least precise dtype the source computes in: f32, f16 or bf16."""
    requested: float | None = None
    """What the author asked for instead of the limits of `precision`."""

    @property
    def whole(self) -> float:
        """Between the whole model and its source."""
        return self.requested or _WHOLE[self.precision]

    @property
    def pulsed(self) -> float:
        """Between the stream and the whole model."""
        return self.requested or _PULSED[self.precision]

    def to_json(self) -> dict[str, object]:
        """As the manifest states it."""
        asked = {} if self.requested is None else {"requested": self.requested}
        return {"precision": self.precision, **asked}


def scale_of(want: Array) -> float:
    """The median magnitude of the finite, nonzero values; 1 where there is none."""
    wide = np.abs(want.astype(np.float64))
    known = wide[np.isfinite(wide) & (wide > 0)]
    return float(np.median(known)) if known.size else 1.0


def errors(got: Array, want: Array, least_scale: float = 0.0) -> NDArray[np.float64]:
    """The error of each value; infinite where a value that is not finite stands against another.

    Args:
        got: what is judged.
        want: what it is judged by.
        least_scale: of the output, where this run's own values may be rounding alone.
    """
    scale = max(scale_of(want), least_scale)
    left, right = got.astype(np.float64), want.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        gap = np.abs(left - right) / np.maximum(np.abs(right), scale)
    same = (left == right) | (np.isnan(left) & np.isnan(right))
    result: NDArray[np.float64] = np.where(same, 0.0, np.where(np.isfinite(gap), gap, np.inf))
    return np.where(np.isfinite(right), result, np.where(same, 0.0, np.inf))


def difference(got: Array, want: Array, least_scale: float = 0.0) -> float:
    """The largest error of one array."""
    return float(errors(got, want, least_scale).max(initial=0.0))


class OutputScales:
    """The scales outputs have on inputs like the example.

    Silence may leave nothing of an output but rounding, and quiet inputs little more: there, the
    scale is at least that of the example, multiplied as the inputs were.
    """

    def __init__(self) -> None:
        self._scales: dict[str, float] = {}

    def learn(self, outputs: Mapping[str, Array]) -> None:
        """Take in a run on inputs like the example."""
        for name, array in outputs.items():
            self._scales[name] = max(self._scales.get(name, 0.0), scale_of(array))

    def least(self, name: str, factor: float) -> float:
        """The least scale of an output when inputs are multiplied by `factor`."""
        return self._scales.get(name, 0.0) * (min(1.0, abs(factor)) or 1.0)


def rounded_up(error: float) -> float:
    """To one significant digit, upwards: the same figure from runs that differ in the last bits."""
    if error == 0 or not math.isfinite(error):
        return error
    unit = 10.0 ** math.floor(math.log10(error))
    return float(f"{math.ceil(error / unit * (1 - 1e-12)) * unit:.0e}")
