"""What every frontend makes of a model: a `Source`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nnef_pulse.engine.model import Array
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.nnef.archive import Archive


@dataclass(frozen=True)
class Step:
    """One value the source computes on the way to its outputs."""

    operator: str
    """In the framework's words, such as `mean`."""
    module: str
    """The path of the module that computes it, empty for the outermost."""
    line: str
    """Where, such as `model.py:12`; empty where the framework does not say."""
    value: Array


Steps = Callable[[], Sequence[Step]]
"""Runs the source on its example and gives each step."""


@dataclass(frozen=True)
class Source:
    """A model as its own framework runs it, and its symbolic NNEF."""

    framework: str
    """With its version, for example `PyTorch 2.15.0`."""
    described: str
    """What the model is, when no card says so."""
    example: Mapping[str, Array]
    """Input name to example array, in the model's order."""
    dims: DynamicAxes
    archive: Archive
    """The whole model, open axes symbolic, asserts and modes as extensions."""
    run: Callable[[Mapping[str, Array]], dict[str, Array]]
    """Runs the model in its framework: input arrays by name to output arrays by name."""
    precision: str = "f32"
    """The least precise dtype it computes in: f32, f16 or bf16."""
    steps: Steps | None = None
    """For finding where a difference begins; None where the framework does not show them."""
