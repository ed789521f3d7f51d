"""A bundle's pulsed model as a stream: any number of frames in, true frames out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nnef_pulse.bundle.files import MODEL, Bundle
from nnef_pulse.engine.model import Array, Model
from nnef_pulse.errors import BundleError, UnknownInputError, UsageError
from nnef_pulse.frontends.axes import split_multiple
from nnef_pulse.nnef.dimensions import Expression
from nnef_pulse.prove.streaming import OutputTiming, Pulsed

# Denormal numbers cost x86 processors ten times as much; a square of this is not one.
_LEAST = 1e-15


@dataclass(frozen=True)
class StreamResult:
    """Frames of one output that equal the whole model's."""

    name: str
    data: Array
    """The output's shape, with the frames along its streaming axis."""
    time: int
    """Index of the first frame, in this output's frames from the start of the stream."""


@dataclass(frozen=True)
class StreamInput:
    """An input of a stream."""

    name: str
    fact: str
    """Of one pulse, as tract prints it: `1,8,64,f32`."""
    axis: int
    """Its streaming axis; -1 where it does not stream."""
    frames_per_pulse: int
    """Frames that one pulse takes; 0 where it does not stream."""


class BundleStream:
    """One stream through a bundle's pulsed model. Its state lives in the engine.

    Sizes other than the streamed one are those of the arrays that are pushed first.
    """

    def __init__(self, pulsed: Pulsed, whole: Model, warm_ups: Mapping[str, int]) -> None:
        self._whole = whole
        self._warm_ups = warm_ups
        self._ready = pulsed.model.prepared()
        self.outputs: tuple[OutputTiming, ...] = pulsed.outputs
        """Name, streaming axis, delay and frames per pulse of each output."""
        self._ports = {port.name: port for port in pulsed.model.inputs}
        self.inputs = tuple(
            StreamInput(port.name, port.fact, axis, step) for port, axis, step in pulsed.inputs
        )
        self.pulses = 0
        """Pulses run since the stream began."""
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        self._stream = self._ready.stream()
        self._waiting: dict[str, Array] = {}
        self._frames = {each.name: 0 for each in self.inputs}
        self._sizes: dict[str, int] = {}
        self._lengths: dict[str, int] = {}
        self.pulses = 0
        self._ended = False

    def push(self, inputs: Mapping[str, Array]) -> list[StreamResult]:
        """Feed frames, and get those that became certain.

        Args:
            inputs: input name to array. An input that streams takes any number of frames along its
                streaming axis; one that does not is given once, whole.

        Raises:
            UnknownInputError: the model has no such input.
            UsageError: a shape does not fit, a value is not finite, or the stream was flushed.
            EngineError: tract cannot run the model.
        """
        if self._ended:
            raise UsageError("the stream was flushed: call reset() to begin a new one")
        for name, array in inputs.items():
            self._append(name, array)
        return self._run()

    def flush(self) -> list[StreamResult]:
        """End the signal, and get all frames that are left: as many as the whole model gives."""
        if self._ended:
            return []
        self._ended = True
        streaming = [each for each in self.inputs if each.frames_per_pulse]
        first = streaming[0]
        factor, symbol = split_multiple(self._whole_dims(first.name)[first.axis])
        sizes = {**self._sizes, symbol: self._frames[first.name] // factor}
        for timing, whole in zip(self.outputs, self._whole.outputs, strict=True):
            if timing.axis >= 0:
                dim = Expression.parse(whole.dims[timing.axis])
                self._lengths[timing.name] = max(0, dim.at(sizes))
        needed = max(
            (
                -(-(self._lengths[timing.name] + timing.delay) // timing.frames_per_pulse)
                for timing in self.outputs
                if timing.axis >= 0 and self._lengths[timing.name] > 0
            ),
            default=0,
        )
        missing = needed - self.pulses
        for each in streaming:
            waiting = self._waiting.get(each.name)
            if missing <= 0 or waiting is None:
                continue
            shape = list(waiting.shape)
            shape[each.axis] = max(0, missing * each.frames_per_pulse - shape[each.axis])
            silence = np.zeros(shape, waiting.dtype)
            self._waiting[each.name] = np.concatenate([waiting, silence], each.axis)
        return self._run()

    def _whole_dims(self, name: str) -> tuple[str, ...]:
        return next(port.dims for port in self._whole.inputs if port.name == name)

    def _append(self, name: str, array: Array) -> None:
        found = next((each for each in self.inputs if each.name == name), None)
        if found is None:
            names = ", ".join(each.name for each in self.inputs)
            raise UnknownInputError(f"the model has no input {name}: it has {names}")
        port, axis, step = self._ports[name], found.axis, found.frames_per_pulse
        array = np.asarray(array)
        if array.dtype != np.dtype(_numpy_name(port.dtype)):
            raise UsageError(f"input {name} takes {port.dtype}, not {array.dtype}")
        if array.ndim != len(port.dims):
            raise UsageError(f"input {name} is {port.fact}; an array of {array.shape} does not fit")
        for at, (dim, size) in enumerate(zip(port.dims, array.shape, strict=True)):
            if at == axis:
                continue
            known = int(dim) if dim.isdigit() else self._sizes.setdefault(dim, size)
            if known != size:
                raise UsageError(f"axis {at} of input {name} is {known} long, not {size}")
        if np.issubdtype(array.dtype, np.floating):
            if not np.isfinite(array).all():
                raise UsageError(
                    f"input {name} holds a value that is not finite, which a state never forgets"
                )
            array = np.where(np.abs(array) < _LEAST, np.zeros((), array.dtype), array)
        before = self._waiting.get(name)
        if step == 0 or before is None:
            self._waiting[name] = array
        else:
            self._waiting[name] = np.concatenate([before, array], axis)
        self._frames[name] += array.shape[axis] if step else 0

    def _run(self) -> list[StreamResult]:
        parts: dict[str, list[tuple[int, Array]]] = {}
        while self._is_pulse_ready():
            pulse = []
            for each in self.inputs:
                waiting = self._waiting[each.name]
                step = each.frames_per_pulse
                if step == 0:
                    pulse.append(waiting)
                    continue
                now, later = np.split(waiting, [step], each.axis)
                pulse.append(np.ascontiguousarray(now))
                self._waiting[each.name] = later
            outputs = self._stream.run(pulse)
            for timing, data in zip(self.outputs, outputs, strict=True):
                part = self._true_frames(timing, data)
                if part is not None:
                    parts.setdefault(timing.name, []).append(part)
            self.pulses += 1
        axes = {timing.name: max(timing.axis, 0) for timing in self.outputs}
        return [
            StreamResult(name, np.concatenate([data for _, data in found], axes[name]), found[0][0])
            for name, found in parts.items()
        ]

    def _is_pulse_ready(self) -> bool:
        return all(
            each.name in self._waiting
            and self._waiting[each.name].shape[each.axis] >= each.frames_per_pulse
            for each in self.inputs
        )

    def _true_frames(self, timing: OutputTiming, data: Array) -> tuple[int, Array] | None:
        if timing.axis < 0:
            return self.pulses, data[np.newaxis]
        start = self.pulses * timing.frames_per_pulse - timing.delay
        first = max(start, self._warm_ups.get(timing.name, 0))
        end = min(start + timing.frames_per_pulse, self._lengths.get(timing.name, 1 << 62))
        if end <= first:
            return None
        return first, data.take(range(first - start, end - start), timing.axis)


def open_stream(bundle: Bundle | Path | str, *, pulse: int | None = None) -> BundleStream:
    """Open a stream through a bundle's pulsed model, in this process.

    Args:
        bundle: a bundle, or its folder.
        pulse: frames per pulse, where the bundle has several pulsed forms; by default its first.

    Raises:
        BundleError: it is no bundle, or has no pulsed form of that size.
        EngineError: tract cannot load or prepare the model.
    """
    read = bundle if isinstance(bundle, Bundle) else Bundle.read(Path(bundle))
    entries = [entry for entry in read.manifest["pulses"] if pulse in (None, entry["pulse"])]
    if not entries:
        sizes = ", ".join(str(entry["pulse"]) for entry in read.manifest["pulses"]) or "none"
        raise BundleError(f"{read.path} has no pulsed form of {pulse or 'any'} frames: {sizes}")
    entry: Mapping[str, Any] = entries[0]
    model = Model(read.bytes_of(entry["file"]))
    warm_ups = {each["name"]: each["warmUp"] for each in entry["outputs"]}
    pulsed = Pulsed(entry["symbol"], entry["pulse"], model)
    return BundleStream(pulsed, Model(read.bytes_of(MODEL)), warm_ups)


def _numpy_name(dtype: str) -> str:
    kinds = {"i": "int", "u": "uint", "f": "float"}
    return "bool" if dtype == "bool" else kinds[dtype[0]] + dtype[1:]
