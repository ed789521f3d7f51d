"""Runs a pulsed model as a stream and proves it equal to the whole one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnef_pulse.engine.model import Array, Model, Runnable, Streaming
from nnef_pulse.errors import ProofError
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.nnef.dimensions import Sizes
from nnef_pulse.prove.comparison import PULSED_TOLERANCE, Proof, format_sizes, run_by_name
from nnef_pulse.prove.sample_inputs import Inputs, Sampler

# Frames beyond the delay that the shortest run compares; the longest compares over twice as many.
_FRAMES = 24


@dataclass(frozen=True)
class Pulsed:
    """A pulsed model and how it was asked for."""

    symbol: str
    pulse: int
    model: Model

    @property
    def file(self) -> str:
        """Its name in a bundle."""
        return f"pulse-{self.symbol}{self.pulse}.nnef.tgz"

    @property
    def streaming(self) -> Streaming:
        """Delay and axes as tract states them.

        Raises:
            ProofError: the model carries no `pulse.delay`.
        """
        if self.model.streaming is None:
            raise ProofError(f"{self.file} carries no pulse.delay: it is no pulsed model")
        return self.model.streaming

    @property
    def frames_per_pulse(self) -> int:
        """Output frames one call gives, the fewest of any output."""
        outputs = zip(self.model.outputs, self.streaming.output_axes, strict=True)
        return max(1, min(int(port.dims[axis]) for port, axis in outputs if axis >= 0))


def streamed(
    it: Pulsed, ready: Runnable, inputs: Inputs, after: Inputs, frames: Mapping[str, int]
) -> dict[str, Array]:
    """Feed a signal pulse by pulse and give what stands for it, delay cut off.

    Args:
        it: the pulsed model.
        ready: the same, prepared.
        inputs: whole signals by input name.
        after: what follows each signal's end, long enough for the delay.
        frames: output name to frames to return.
    """
    facts = it.streaming
    fed: list[Array] = []
    for port, axis in zip(it.model.inputs, facts.input_axes, strict=True):
        signal = inputs[port.name]
        fed.append(signal if axis < 0 else np.concatenate([signal, after[port.name]], axis))
    pulses = min(
        signal.shape[axis] // it.pulse
        for signal, axis in zip(fed, facts.input_axes, strict=True)
        if axis >= 0
    )
    stream = ready.stream()
    parts: list[list[Array]] = []
    for n in range(pulses):
        chunk = [
            signal if axis < 0 else signal.take(range(n * it.pulse, (n + 1) * it.pulse), axis)
            for signal, axis in zip(fed, facts.input_axes, strict=True)
        ]
        parts.append(stream.run(chunk))
    result = {}
    for i, (port, axis) in enumerate(zip(it.model.outputs, facts.output_axes, strict=True)):
        joined = np.concatenate([part[i] for part in parts], axis)
        result[port.name] = joined.take(range(facts.delay, facts.delay + frames[port.name]), axis)
    return result


def lengths(it: Pulsed, dims: DynamicAxes, least: int) -> list[int]:
    """Input lengths to prove at, as the asserts allow: one of whole pulses, two that are not."""
    facts = it.streaming
    pulses = -(-(facts.delay + _FRAMES) // it.frames_per_pulse)
    first = max(pulses * it.pulse, least)
    wanted = [first, first + max(1, it.pulse // 2), 2 * first + 3]
    allowed = [n for n in wanted if dims.allows({**dims.example, it.symbol: n})]
    return allowed or [dims.example[it.symbol]]


def runs_to_prove(it: Pulsed, dims: DynamicAxes, least: int) -> list[dict[str, int]]:
    """Sizes to prove at: every length, the other symbols at the example's size and one more."""
    others = {symbol: size for symbol, size in dims.example.items() if symbol != it.symbol}
    runs = []
    for i, length in enumerate(lengths(it, dims, least)):
        sizes = {**{symbol: size + i % 2 for symbol, size in others.items()}, it.symbol: length}
        runs.append({symbol: sizes[symbol] for symbol in dims.example})
    return [sizes for sizes in runs if dims.allows(sizes)]


def prove_pulsed(
    whole: Model, it: Pulsed, runs: Sequence[Sizes], draw: Sampler
) -> tuple[Proof, int]:
    """Compare stream and whole; give the proof and the warm-up in output frames.

    Each signal is streamed twice, with silence and with noise after its end: the output frames
    that differ looked past the end, where a finite signal's padding stands in the whole model.
    They are the tail, reported apart; all frames before them must agree.

    Raises:
        ProofError: head or interior differ beyond the tolerance, or nothing is left to compare.
    """
    ready, whole_ready = it.model.prepared(), whole.prepared()
    worst, count, warm_up = 0.0, 0, 0
    tail: tuple[int, float] | None = None
    for sizes in runs:
        inputs = draw(sizes)
        want = run_by_name(whole, whole_ready, inputs)
        axes = {
            port.name: axis
            for port, axis in zip(it.model.outputs, it.streaming.output_axes, strict=True)
        }
        frames = {name: array.shape[axes[name]] for name, array in want.items()}
        silent, noisy = (
            streamed(it, ready, inputs, after_signal(it, inputs, loud=loud), frames)
            for loud in (False, True)
        )
        for name, reference in want.items():
            gaps = _per_frame(silent[name], reference, axes[name])
            moved = _per_frame(silent[name], noisy[name], axes[name]) > 0
            known = int(np.argmax(moved)) if moved.any() else len(gaps)
            late = np.flatnonzero(~(gaps[:known] <= PULSED_TOLERANCE))
            warm = int(late[-1]) + 1 if late.size else 0
            if known == 0 or warm * 2 > known:
                raise ProofError(
                    f"{it.file} against the whole model at {format_sizes(sizes)}: "
                    f"output {name} differs by {float(gaps[:known].max(initial=0.0)):.1g} "
                    f"in frames that are not the end "
                    f"({known} of {len(gaps)} frames look at nothing after the signal)"
                )
            warm_up = max(warm_up, warm)
            worst = max(worst, float(gaps[warm:known].max(initial=0.0)))
            count += known - warm
            if known < len(gaps):
                ending = (len(gaps) - known, float(gaps[known:].max()))
                tail = (
                    ending if tail is None else (max(tail[0], ending[0]), max(tail[1], ending[1]))
                )
    proof = Proof(
        "pulsed",
        it.file,
        "model.nnef.tgz",
        tuple(runs),
        PULSED_TOLERANCE,
        worst,
        count,
        True,
        tail,
    )
    return proof, warm_up


def _per_frame(got: Array, want: Array, axis: int) -> NDArray[np.float64]:
    if got.shape != want.shape:
        raise ProofError(
            f"the stream gives {list(got.shape)} where the whole model gives {list(want.shape)}"
        )
    wide = want.astype(np.float64)
    gap = np.abs(got.astype(np.float64) - wide) / max(1.0, float(np.abs(wide).max(initial=0.0)))
    gap = np.where(np.isnan(gap), np.inf, gap)
    per_frame: NDArray[np.float64] = np.moveaxis(gap, axis, 0).reshape(gap.shape[axis], -1).max(1)
    return per_frame


def after_signal(it: Pulsed, inputs: Inputs, *, loud: bool) -> dict[str, Array]:
    """What to feed after a signal until its delay has passed: silence, or noise that would show."""
    facts = it.streaming
    result = {}
    for port, axis in zip(it.model.inputs, facts.input_axes, strict=True):
        if axis < 0:
            continue
        signal = inputs[port.name]
        pulses = 2 + facts.delay // it.frames_per_pulse
        shape = list(signal.shape)
        shape[axis] = -signal.shape[axis] % it.pulse + pulses * it.pulse
        rest = np.zeros(shape, signal.dtype)
        if loud:
            rng = np.random.default_rng(len(shape))
            if np.issubdtype(signal.dtype, np.floating):
                spread = 10 * float(signal.std()) or 1.0
                rest = (rng.standard_normal(shape) * spread).astype(signal.dtype)
            else:
                rest = rng.choice(signal.reshape(-1), shape)
        result[port.name] = rest
    return result
