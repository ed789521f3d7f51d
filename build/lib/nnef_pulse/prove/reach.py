"""Which output frames change when one input frame does: the same ones, whoever computes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnef_pulse.engine.model import Array
from nnef_pulse.errors import ProofError
from nnef_pulse.prove.comparison import Outputs, Reach
from nnef_pulse.prove.sample_inputs import SEED, Inputs
from nnef_pulse.prove.streaming import Pulsed
from nnef_pulse.prove.tolerance import errors

# How much louder than the signal the noise is that replaces a frame: what leaks shows.
_LOUD = 8.0
# A change of this many tolerances in one run must show in the other.
_SHOWS = 100

Changes = NDArray[np.float64]
"""By output frame: the largest error that replacing one input frame makes."""


@dataclass(frozen=True)
class Reached:
    """What replacing one frame of the streaming symbol changed in one output."""

    frame: int
    output: str
    whole: Changes
    stream: Changes
    known: tuple[int, int]
    """The frames of the stream that are neither warm-up nor tail."""


def replaced_frames(length: int) -> list[int]:
    """Where to replace a frame: in the first half, the middle and near the end."""
    return sorted({length // 4, length // 2, (3 * length) // 4})


def replace_frame(it: Pulsed, inputs: Inputs, frame: int) -> dict[str, Array]:
    """The same inputs, with one frame of every streaming input replaced by noise."""
    rng = np.random.default_rng([SEED, frame])
    replaced = dict(inputs)
    for port, axis, step in it.inputs:
        signal = inputs[port.name]
        if not step or signal.size == 0:
            continue
        frames = max(1, step // it.pulse)
        part: list[slice] = [slice(None)] * signal.ndim
        part[axis] = slice(frame * frames, (frame + 1) * frames)
        changed = signal.copy()
        target = changed[tuple(part)]
        if np.issubdtype(signal.dtype, np.floating):
            spread = _LOUD * (float(signal.std()) or 1.0)
            changed[tuple(part)] = (rng.standard_normal(target.shape) * spread).astype(signal.dtype)
        else:
            changed[tuple(part)] = rng.choice(signal.reshape(-1), target.shape)
        replaced[port.name] = changed
    return replaced


def changes(before: Array, after: Array, axis: int, least_scale: float = 0.0) -> Changes:
    """By frame along `axis`, the largest error between two runs."""
    gap = errors(after, before, least_scale)
    found: Changes = np.moveaxis(gap, axis, 0).reshape(gap.shape[axis], -1).max(1, initial=0.0)
    return found


def check_reach(
    found: Changes, expected: Changes, tolerance: float, what: str, against: str, frame: int
) -> None:
    """Check that the frames that change are those that change in the model compared with.

    Raises:
        ProofError: others change too, or some do not.
    """
    leaked = np.flatnonzero((expected == 0) & (found > tolerance))
    missed = np.flatnonzero((expected > _SHOWS * tolerance) & (found == 0))
    if leaked.size:
        raise ProofError(
            f"{what}: replacing input frame {frame} changes output frame {leaked[0]}, which it "
            f"leaves alone in {against}"
        )
    if missed.size:
        raise ProofError(
            f"{what}: replacing input frame {frame} leaves output frame {missed[0]} alone, which "
            f"it changes in {against}"
        )


def reach_of(reached: tuple[Reached, ...], tolerance: float) -> tuple[Reach, ...]:
    """The first and last output frame each replaced frame changes, in the whole model."""
    result = []
    for it in reached:
        moved = np.flatnonzero(it.whole > tolerance)
        if moved.size:
            result.append(Reach(it.frame, it.output, int(moved[0]), int(moved[-1])))
    return tuple(result)


def frames_of_outputs(it: Pulsed, outputs: Outputs) -> dict[str, int]:
    """How many frames each streaming output of the whole model has."""
    return {
        timing.name: outputs[timing.name].shape[timing.axis]
        for timing in it.outputs
        if timing.axis >= 0
    }
