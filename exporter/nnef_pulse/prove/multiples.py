"""Finds the multiple that a model needs its open size to be, such as frames stacked by four."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nnef_pulse.engine.model import Model
from nnef_pulse.errors import NnefPulseError
from nnef_pulse.frontends.axes import split_multiple
from nnef_pulse.frontends.source import Source
from nnef_pulse.nnef.dimensions import Sizes
from nnef_pulse.prove.comparison import run_by_name
from nnef_pulse.prove.sample_inputs import InputSampler
from nnef_pulse.prove.tolerance import difference

_FACTORS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 32, 64, 128, 256)
# Enough to tell a multiple that a model needs from one at which it happens to load.
_TRIED = (1, 2, 3, 5)
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Multiple:
    """`factor` is the least that makes the model right at several sizes."""

    input: str
    axis: int
    symbol: str
    factor: int

    @property
    def option(self) -> str:
        """The option that declares it."""
        return f"--axis {self.input}:{self.axis}={self.factor}*{self.symbol}"


def needed_multiple(source: Source) -> Multiple | None:
    """The least multiple of one open axis at which whole and source agree; None if there is none.

    Only a symbol on one axis of one input is tried: others need more than one option.
    """
    places = [
        (name, axis, size)
        for name, named in source.dims.axes.items()
        for axis, size in named.items()
    ]
    for name, axis, size in places:
        if sum(split_multiple(other[2])[1] == size for other in places) != 1:
            continue
        for factor in _FACTORS:
            if source.dims.example[size] % factor == 0 and _agrees(source, name, axis, factor):
                return Multiple(name, axis, size, factor)
    return None


def _agrees(source: Source, name: str, axis: int, factor: int) -> bool:
    symbol = source.dims.axes[name][axis]
    declared = rf"(^ *{name} = tract_core_external\(shape = \[[^\]]*)\b{symbol}\b"
    text, count = re.subn(
        declared, rf"\g<1>{factor}*{symbol}", source.archive.text, count=1, flags=re.MULTILINE
    )
    if count != 1:
        return False
    draw = InputSampler(source.example, source.dims.axes)
    try:
        model = Model(source.archive.with_text(text).to_bytes())
        ready = model.prepared()
        for n in _TRIED:
            sizes: Sizes = {**source.dims.example, symbol: factor * n}
            if not source.dims.allows(sizes):
                continue
            inputs = draw(sizes)
            want = source.run(inputs)
            got = run_by_name(model, ready, inputs)
            if any(
                got[it].shape != array.shape or not difference(got[it], array) < _TOLERANCE
                for it, array in want.items()
            ):
                return False
    except (NnefPulseError, RuntimeError, ValueError, IndexError):
        return False
    return True
