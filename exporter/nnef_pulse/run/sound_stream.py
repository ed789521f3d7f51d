"""Sound through a bundle's pulsed model: the frames it gives, or the sound it makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nnef_pulse.bundle.files import Bundle
from nnef_pulse.engine.model import Array
from nnef_pulse.errors import BundleError, UsageError
from nnef_pulse.run.sound import resampled
from nnef_pulse.run.stream import BundleStream, StreamInput, StreamResult, open_stream


def process(audio: Array, rate: int, *, bundle: Bundle | Path | str) -> tuple[Array, int]:
    """What a model from sound to sound makes of a sound, such as speech without noise.

    Args:
        audio: mono samples from -1 to 1, one axis. Values that are not finite count as 0.
        rate: samples per second; another rate than the model's is resampled.
        bundle: of a model whose manifest names the output that is sound.

    Returns:
        As many samples as the sound has at the model's rate, in step with it, and the rate in Hz.

    Raises:
        UsageError: the array has more than one axis.
        BundleError: the model makes no sound.
    """
    read = bundle if isinstance(bundle, Bundle) else Bundle.read(Path(bundle))
    output = read.manifest.get("audio", {}).get("output")
    if output is None:
        raise BundleError(f"{read.path} makes no sound: its manifest has no audio.output")
    _, results, samples = stream_sound(read, audio, rate)
    parts = [np.ravel(result.data) for result in results if result.name == output["name"]]
    made = np.concatenate([*parts, np.zeros(0, np.float32)])
    length = len(samples) * output["sampleRate"] // read.manifest["audio"]["sampleRate"]
    return made[:length], output["sampleRate"]


def stream_sound(
    bundle: Bundle, audio: Array, rate: int
) -> tuple[BundleStream, list[StreamResult], Array]:
    """The ended stream, all its results, and the samples at the model's rate.

    Raises:
        UsageError: the array has more than one axis.
    """
    sound = bundle.manifest["audio"]
    samples = np.nan_to_num(np.asarray(audio, np.float32), nan=0, posinf=0, neginf=0)
    if samples.ndim != 1:
        raise UsageError(f"audio must be mono, one axis of samples, not {samples.shape}")
    samples = resampled(samples, rate, sound["sampleRate"])
    stream = open_stream(bundle)
    source = stream.inputs[0]
    results = stream.push({source.name: _framed(source, samples, sound["samplesPerPulse"])})
    results += stream.flush()
    return stream, results, samples


def _framed(source: StreamInput, samples: Array, per_pulse: int) -> Array:
    """The samples in the shape of the model's input, the last pulse filled with zeros."""
    pulses = -(-len(samples) // per_pulse)
    whole = np.zeros(pulses * per_pulse, np.float32)
    whole[: len(samples)] = samples
    dims = source.fact.split(",")[:-1]
    shape = [int(dim) if dim.isdigit() else 1 for dim in dims]
    shape[source.axis] = pulses * source.frames_per_pulse
    framed: Array = whole.reshape(shape)
    return framed
