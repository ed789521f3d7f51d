"""Front doors: each turns a model of some framework into a `Source`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nnef_pulse.engine.model import Array
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.nnef.archive import Archive


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
