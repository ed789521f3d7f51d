"""Runs a pulsed model as a stream."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnef_pulse.engine.model import Array, Model, Port, Runnable, Streaming
from nnef_pulse.errors import ExpressionError, ProofError
from nnef_pulse.prove.sample_inputs import Inputs

# Pulses of what follows a signal, beyond those its delay takes.
_AFTER = 2
# Where the frames of a pulse are read off the whole model's sizes: far from every border.
_FAR = 64


@dataclass(frozen=True)
class OutputTiming:
    """How one output of a pulsed model lags, in its own frames."""

    name: str
    axis: int
    """Its streaming axis; -1 where it does not stream."""
    delay: int
    frames_per_pulse: int


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
        """Delays and axes as tract states them.

        Raises:
            ProofError: the model carries no `pulse.delay`.
        """
        if self.model.streaming is None:
            raise ProofError(f"{self.file} carries no pulse.delay: it is no pulsed model")
        return self.model.streaming

    @property
    def outputs(self) -> tuple[OutputTiming, ...]:
        """Delay and frames per pulse of each output."""
        facts = self.streaming
        return tuple(
            OutputTiming(port.name, axis, delay, _frames(port, axis))
            for port, axis, delay in zip(
                self.model.outputs, facts.output_axes, facts.delays, strict=True
            )
        )

    @property
    def inputs(self) -> tuple[tuple[Port, int, int], ...]:
        """Each input with its streaming axis and the frames one pulse takes of it."""
        return tuple(
            (port, axis, _frames(port, axis))
            for port, axis in zip(self.model.inputs, self.streaming.input_axes, strict=True)
        )


def _frames(port: Port, axis: int) -> int:
    if axis < 0:
        return 0
    try:
        return int(port.dims[axis])
    except (ValueError, IndexError):
        raise ProofError(
            f"the pulsed model's {port.name} is {port.fact}: axis {axis} has no fixed size"
        ) from None


def check_pulse_sizes(whole: Model, it: Pulsed) -> None:
    """Check that each output gives as many frames a pulse as the whole model gives for it.

    Raises:
        ProofError: one gives more or fewer.
    """
    names = {size.name: size for size in it.outputs}
    for port in whole.outputs:
        size = names.get(port.name)
        if size is None:
            raise ProofError(f"{it.file} has no output {port.name}")
        if size.axis < 0:
            if any(it.symbol in re.findall(r"\w+", dim) for dim in port.dims):
                raise ProofError(f"output {port.name} of {it.file} has no streaming axis")
            continue
        expected = _frames_of_whole(port, size.axis, it)
        if expected is not None and expected != size.frames_per_pulse:
            raise ProofError(
                f"output {port.name} of {it.file} gives {size.frames_per_pulse} frames a pulse "
                f"where the whole model gives {expected:g}"
            )


def _frames_of_whole(port: Port, axis: int, it: Pulsed) -> float | None:
    try:
        expression = port.expressions()[axis]
    except (ExpressionError, IndexError):
        return None
    if not expression.symbols <= {it.symbol}:
        return None
    far = _FAR * it.pulse
    grown = expression.at({it.symbol: 2 * far}) - expression.at({it.symbol: far})
    return grown / _FAR


def _count(it: Pulsed, inputs: Inputs) -> int:
    """Pulses that a signal takes, with those after it until every delay has passed."""
    lag = max(
        (-(-size.delay // size.frames_per_pulse) for size in it.outputs if size.axis >= 0),
        default=0,
    )
    needed = [-(-inputs[port.name].shape[axis] // step) for port, axis, step in it.inputs if step]
    return max(needed, default=1) + lag + _AFTER


def pulses_of(it: Pulsed, inputs: Inputs, *, loud: bool = False) -> list[list[Array]]:
    """A signal cut into pulses, followed by silence, or by noise that would show."""
    count = _count(it, inputs)
    fed: list[list[Array]] = [[] for _ in range(count)]
    for port, axis, step in it.inputs:
        signal = inputs[port.name]
        if not step:
            for pulse in fed:
                pulse.append(signal)
            continue
        shape = list(signal.shape)
        shape[axis] = count * step - signal.shape[axis]
        whole = np.concatenate([signal, _after(signal, shape, loud=loud)], axis)
        for n, pulse in enumerate(fed):
            pulse.append(whole.take(range(n * step, (n + 1) * step), axis))
    return fed


def _after(signal: Array, shape: list[int], *, loud: bool) -> Array:
    if not loud:
        return np.zeros(shape, signal.dtype)
    rng = np.random.default_rng(len(shape))
    if not np.issubdtype(signal.dtype, np.floating):
        return rng.choice(signal.reshape(-1), shape)
    spread = 10 * float(signal.std()) or 1.0
    return (rng.standard_normal(shape) * spread).astype(signal.dtype)


def streamed(
    it: Pulsed, ready: Runnable, inputs: Inputs, frames: Mapping[str, int], *, loud: bool = False
) -> dict[str, Array]:
    """Feed a signal pulse by pulse and give what stands for it, each output's delay cut off.

    Args:
        it: the pulsed model.
        ready: the same, prepared.
        inputs: whole signals by input name.
        frames: output name to frames to return; an output that does not stream is returned
            pulse by pulse, along a new first axis.
        loud: whether noise follows the signal, not silence.

    Raises:
        ProofError: a pulse has another shape or type than the model states, or frames are lost.
    """
    stream = ready.stream()
    parts = [stream.run(pulse) for pulse in pulses_of(it, inputs, loud=loud)]
    return joined(it, parts, frames)


def joined(
    it: Pulsed, parts: Sequence[Sequence[Array]], frames: Mapping[str, int]
) -> dict[str, Array]:
    """The frames that stand for a signal, of all its pulses' outputs.

    Raises:
        ProofError: as `streamed` does.
    """
    if any(len(part) != len(it.outputs) for part in parts):
        raise ProofError(f"{it.file} has {len(it.outputs)} outputs, and a pulse gave others")
    result = {}
    for i, (port, timing) in enumerate(zip(it.model.outputs, it.outputs, strict=True)):
        for n, part in enumerate(parts):
            _check_pulse(it, port, part[i], parts[0][i], n)
        if timing.axis < 0:
            result[port.name] = np.stack([part[i] for part in parts])
            continue
        whole = np.concatenate([part[i] for part in parts], timing.axis)
        end = timing.delay + frames[port.name]
        if whole.shape[timing.axis] < end:
            raise ProofError(
                f"{it.file} loses frames: output {port.name} gives {whole.shape[timing.axis]} in "
                f"{len(parts)} pulses where {end} were to come"
            )
        result[port.name] = whole.take(range(timing.delay, end), timing.axis)
    return result


def _check_pulse(it: Pulsed, port: Port, part: Array, first: Array, n: int) -> None:
    stated = [int(dim) if dim.isdigit() else None for dim in port.dims]
    fits = len(stated) == part.ndim and all(
        want in (None, size) for want, size in zip(stated, part.shape, strict=True)
    )
    if not fits or part.shape != first.shape or part.dtype != first.dtype:
        raise ProofError(
            f"pulse {n} of {it.file}: output {port.name} is {list(part.shape)} of {part.dtype} "
            f"where {port.fact} was to come"
        )
