"""Compares a pulsed model, run as a stream, with the whole one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from nnef_pulse.engine.model import Array, Model, Runnable
from nnef_pulse.errors import ProofError
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.prove.comparison import (
    Outputs,
    Proof,
    Reach,
    check_alike,
    format_run,
    rounding,
    run_by_name,
)
from nnef_pulse.prove.reach import (
    Reached,
    changes,
    check_reach,
    frames_of_outputs,
    reach_of,
    replace_frame,
    replaced_frames,
)
from nnef_pulse.prove.sample_inputs import (
    LIKE_EXAMPLE,
    VARIATIONS,
    Inputs,
    InputSampler,
    Run,
)
from nnef_pulse.prove.states import STATES, check_states
from nnef_pulse.prove.streaming import Pulsed, check_pulse_sizes, streamed
from nnef_pulse.prove.tolerance import OutputScales, Tolerance, difference

# Frames beyond the delay that the shortest run compares; the longest compares over twice as many.
_FRAMES = 24


@dataclass(frozen=True)
class StreamProof:
    """How the stream compares with the whole model."""

    proof: Proof
    warm_ups: dict[str, int]
    """By output: frames after its delay that do not yet equal the whole model's."""
    reached: tuple[Reached, ...]
    """For each replaced input frame: the output frames of the whole model and of the stream that
    it changed."""


def lengths(it: Pulsed, dims: DynamicAxes, least: int) -> list[int]:
    """Input lengths to prove at, as the asserts allow: one of whole pulses, two that are not."""
    pulses = max(
        (
            -(-(size.delay + _FRAMES) // size.frames_per_pulse)
            for size in it.outputs
            if size.axis >= 0
        ),
        default=_FRAMES,
    )
    first = max(pulses * it.pulse, least)
    wanted = [first, first + max(1, it.pulse // 2), 2 * first + 3]
    allowed = [n for n in wanted if dims.allows({**dims.example, it.symbol: n})]
    return allowed or [dims.example[it.symbol]]


def runs_of_stream(it: Pulsed, dims: DynamicAxes, least: int, draw: InputSampler) -> list[Run]:
    """Every length, the other symbols at the example's size and one more; then other values."""
    others = {symbol: size for symbol, size in dims.example.items() if symbol != it.symbol}
    runs = []
    for i, length in enumerate(lengths(it, dims, least)):
        sizes = {**{symbol: size + i % 2 for symbol, size in others.items()}, it.symbol: length}
        runs.append(Run({symbol: sizes[symbol] for symbol in dims.example}))
    runs = [run for run in runs if dims.allows(run.sizes)]
    if draw.varies and runs:
        runs += [Run(runs[0].sizes, variation) for variation in list(VARIATIONS)[1:]]
    return runs


def prove_stream(
    whole: Model, it: Pulsed, runs: Sequence[Run], draw: InputSampler, tolerance: Tolerance
) -> StreamProof:
    """Compare stream and whole in values, in what each frame reaches, and in their states.

    Raises:
        ProofError: as `compare_stream` does, a state is not a stream's own, or a frame reaches
            others than in the whole model.
    """
    compared = compare_stream(whole, it, runs, draw, tolerance)
    ready, whole_ready = it.model.prepared(), whole.prepared()
    first = draw(runs[0].sizes)
    check_states(it, ready, first, draw(runs[0].sizes, "negated"))
    reached = _reached(
        it,
        ready,
        lambda inputs: run_by_name(whole, whole_ready, inputs),
        first,
        runs[0].sizes[it.symbol],
        compared,
    )
    for place in reached:
        start, end = place.known
        check_reach(
            place.stream[start:end],
            place.whole[start:end],
            tolerance.pulsed,
            f"{it.file}: output {place.output}",
            "the whole model",
            place.frame,
        )
    return StreamProof(
        compared.proof(runs, reach_of(reached, tolerance.pulsed)),
        {timing.name: compared.warm_ups.get(timing.name, 0) for timing in it.outputs},
        reached,
    )


def compare_stream(
    whole: Model, it: Pulsed, runs: Sequence[Run], draw: InputSampler, tolerance: Tolerance
) -> StreamComparison:
    """Compare stream and whole in values.

    Each signal is streamed twice, with silence and with noise after its end: the output frames
    that differ looked past the end, where a finite signal's padding stands in the whole model.
    They are the tail, reported apart; all frames before them must agree.

    Raises:
        ProofError: head or interior differ beyond the tolerance, nothing is left to compare, or
            frames are lost.
    """
    check_pulse_sizes(whole, it)
    ready, whole_ready = it.model.prepared(), whole.prepared()

    def run_whole(inputs: Inputs) -> Outputs:
        return run_by_name(whole, whole_ready, inputs)

    found = StreamComparison(it, tolerance)
    for run in runs:
        inputs = draw(run.sizes, run.variation)
        want = run_whole(inputs)
        frames = frames_of_outputs(it, want)
        silent, noisy = (streamed(it, ready, inputs, frames, loud=loud) for loud in (False, True))
        scales = found.scales(run, want)
        amplified = partial(rounding, run_whole, inputs, want, scales)
        found.add(run, want, silent, noisy, scales, amplified)
    return found


def _reached(
    it: Pulsed,
    ready: Runnable,
    run_whole: Callable[[Inputs], Outputs],
    inputs: Inputs,
    length: int,
    found: StreamComparison,
) -> tuple[Reached, ...]:
    """Replace one frame at a time and see which output frames change, in whole and stream."""
    want = run_whole(inputs)
    frames = frames_of_outputs(it, want)
    got = streamed(it, ready, inputs, frames)
    reached = []
    for frame in replaced_frames(length):
        other = replace_frame(it, inputs, frame)
        whole, stream = run_whole(other), streamed(it, ready, other, frames)
        for timing in it.outputs:
            if timing.axis < 0:
                continue
            name, axis = timing.name, timing.axis
            reached.append(
                Reached(
                    frame,
                    name,
                    changes(want[name], whole[name], axis),
                    changes(got[name], stream[name], axis),
                    (found.warm_ups.get(name, 0), found.known[name]),
                )
            )
    return tuple(reached)


class StreamComparison:
    """What runs compared so far have shown."""

    def __init__(self, it: Pulsed, tolerance: Tolerance) -> None:
        self.warm_ups: dict[str, int] = {}
        self.known: dict[str, int] = {}
        """By output: frames of the first run that look at nothing after the signal."""
        self._it = it
        self._limit = tolerance.pulsed
        # What the author asked for holds whatever the model makes of rounding.
        self._may_amplify = tolerance.requested is None
        self._natural = OutputScales()
        self._worst = 0.0
        self._count = 0
        self._amplified = 0.0
        self._tail: tuple[int, float] | None = None

    def scales(self, run: Run, want: Outputs) -> dict[str, float]:
        """The least scale of each output in a run; the first run is one like the example."""
        if run.variation == LIKE_EXAMPLE:
            self._natural.learn(want)
        return {name: self._natural.least(name, VARIATIONS[run.variation]) for name in want}

    def add(
        self,
        run: Run,
        want: Outputs,
        silent: Outputs,
        noisy: Outputs,
        scales: Mapping[str, float],
        amplified: Callable[[], float],
    ) -> None:
        """Compare one run.

        Raises:
            ProofError: it differs where it should not.
        """
        for timing in self._it.outputs:
            name, reference = timing.name, want[timing.name]
            where = f"{self._it.file} against the whole model at {format_run(run)}: output {name}"
            if timing.axis < 0:
                self._add_constant(silent[name], reference, scales[name], where)
                continue
            check_alike(silent[name], reference, where)
            gaps = changes(reference, silent[name], timing.axis, scales[name])
            moved = changes(silent[name], noisy[name], timing.axis) > 0
            known = int(np.argmax(moved)) if moved.any() else len(gaps)
            limit = self._limit
            if self._may_amplify and (gaps[:known] > limit).any():
                limit = max(limit, amplified())
            late = np.flatnonzero(gaps[:known] > limit)
            warm = int(late[-1]) + 1 if late.size else 0
            if reference.size and (known == 0 or warm * 2 > known):
                raise ProofError(
                    f"{where} differs by {float(gaps[:known].max(initial=0.0)):.1g} "
                    f"in frames that are not the end "
                    f"({known} of {len(gaps)} frames look at nothing after the signal)"
                )
            self.warm_ups[name] = max(self.warm_ups.get(name, 0), warm)
            self.known.setdefault(name, known)
            error = float(gaps[warm:known].max(initial=0.0))
            self._worst = max(self._worst, error)
            if error > self._limit:
                self._amplified = max(self._amplified, limit)
            self._count += known - warm
            if known < len(gaps):
                ending = (len(gaps) - known, float(gaps[known:].max()))
                most = self._tail or ending
                self._tail = (max(most[0], ending[0]), max(most[1], ending[1]))

    def _add_constant(self, pulses: Array, reference: Array, scale: float, where: str) -> None:
        for pulse in pulses:
            check_alike(pulse, reference, where)
            error = difference(pulse, reference, scale)
            if error > self._limit:
                raise ProofError(f"{where} does not stream and differs by {error:.1g}")
            self._worst = max(self._worst, error)
        self._count += 1

    def proof(self, runs: Sequence[Run], reach: tuple[Reach, ...]) -> Proof:
        """All of it as an entry of the manifest."""
        return Proof(
            claim="pulsed",
            file=self._it.file,
            against="model.nnef.tgz",
            runs=tuple(runs),
            tolerance=self._limit,
            largest_error=self._worst,
            compared_length=self._count,
            again=True,
            tail=self._tail,
            reach=reach,
            states=STATES,
            rounding=self._amplified,
        )
