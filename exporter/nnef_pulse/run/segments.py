"""Finds speech in a sound with a voice activity model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nnef_pulse.bundle.files import Bundle
from nnef_pulse.engine.model import Array
from nnef_pulse.errors import BundleError
from nnef_pulse.run.segmenter import SegmenterRules, speech_segments
from nnef_pulse.run.sound_stream import stream_sound


@dataclass(frozen=True)
class SpeechResult:
    """The speech in one sound."""

    segments: list[tuple[int, int]]
    """Start and end, in samples at `sample_rate`."""
    probabilities: Array
    """One per frame, from the first."""
    sample_rate: int
    """The model's, in Hz."""
    frame_samples: int
    length: int
    """Samples of the sound at `sample_rate`."""


def segments(audio: Array, rate: int, *, bundle: Bundle | Path | str, **rules: Any) -> SpeechResult:
    """Find the speech in a sound, to the sample as in a page.

    Args:
        audio: mono samples from -1 to 1, one axis. Values that are not finite count as 0.
        rate: samples per second; another rate than the model's is resampled.
        bundle: of a model that takes sound and gives a probability per frame.
        **rules: fields of `SegmenterRules`, laid over the manifest's defaults.

    Raises:
        UsageError: the array has more than one axis, or a rule is unknown or out of range.
        BundleError: the bundle takes no sound, or gives no probability.
    """
    read = bundle if isinstance(bundle, Bundle) else Bundle.read(Path(bundle))
    sound = read.manifest.get("audio")
    defaults = read.manifest.get("defaults")
    if sound is None or defaults is None:
        raise BundleError(f"{read.path} finds no speech: its manifest has no audio and defaults")
    chosen = SegmenterRules.of_manifest(defaults, **rules)
    stream, results, samples = stream_sound(read, audio, rate)
    model_rate = sound["sampleRate"]
    parts = [np.ravel(result.data) for result in results if result.name == stream.outputs[0].name]
    probabilities = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    frame = defaults["frameSamples"]
    probabilities = probabilities[: -(-len(samples) // frame)]
    found = speech_segments(
        [float(p) for p in probabilities],
        sample_rate=model_rate,
        frame_samples=frame,
        length=len(samples),
        rules=chosen,
    )
    return SpeechResult(found, probabilities, model_rate, frame, len(samples))
