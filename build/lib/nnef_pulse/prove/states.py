"""Checks that a stream's state is its own: begun anew, and beside another stream."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnef_pulse.engine.model import Array, Runnable
from nnef_pulse.errors import ProofError
from nnef_pulse.prove.sample_inputs import Inputs
from nnef_pulse.prove.streaming import Pulsed, joined, pulses_of

# As the manifest names them. tract's Python package cannot copy a state, so that is not checked.
STATES = ("new", "interleaved")

Answers = list[list[Array]]


def check_states(it: Pulsed, ready: Runnable, one: Inputs, other: Inputs) -> None:
    """Stream two signals alone, each again on a new state, and both in turns: same bits.

    Raises:
        ProofError: a state remembers another stream.
    """
    signals = [pulses_of(it, inputs) for inputs in (one, other)]
    alone = [_answers(ready, pulses) for pulses in signals]
    again = [_answers(ready, pulses) for pulses in signals]
    streams = [ready.stream() for _ in signals]
    turns: list[Answers] = [[] for _ in signals]
    for pulses in zip(*signals, strict=True):
        for answers, stream, pulse in zip(turns, streams, pulses, strict=True):
            answers.append(stream.run(pulse))
    for what, found in (("begun anew", again), ("beside another", turns)):
        if not all(_same(it, *pair) for pair in zip(alone, found, strict=True)):
            raise ProofError(f"{it.file}: a stream {what} gives other values than alone")


def _answers(ready: Runnable, pulses: Sequence[Sequence[Array]]) -> Answers:
    stream = ready.stream()
    return [stream.run(pulse) for pulse in pulses]


def _same(it: Pulsed, one: Answers, other: Answers) -> bool:
    # Frames within the delay are of buffers nothing was written to yet: they may hold anything.
    frames = {
        timing.name: len(one) * timing.frames_per_pulse - timing.delay
        for timing in it.outputs
        if timing.axis >= 0
    }
    left, right = joined(it, one, frames), joined(it, other, frames)
    return all(
        np.array_equal(array, right[name], equal_nan=array.dtype.kind == "f")
        for name, array in left.items()
    )
