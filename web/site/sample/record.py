"""Records what the bundle finds in sample.wav.

    python web/site/sample/record.py --bundle dist/bundles/silero-vad --output sample.json

The page shows this result before its engine is there. It is computed by native tract from the
same pulsed file the browser runs; the segments follow silero-vad's own rules.
"""

from __future__ import annotations

import argparse
import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from silero_vad.utils_vad import get_speech_timestamps_from_probs

from nnef_pulse.bundle.files import Bundle
from nnef_pulse.engine.model import Model

SAMPLE = Path(__file__).with_name("sample.wav")
SAMPLES_PER_BIN = 128


def read(path: Path) -> tuple[NDArray[np.int16], int]:
    """Mono PCM16 samples and their rate."""
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            raise SystemExit(f"{path} is not mono PCM16")
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()


def probabilities(bundle: Bundle, samples: NDArray[np.int16]) -> list[float]:
    """One probability per row of samples, the last row filled with zeros."""
    row = bundle.manifest["audio"]["samplesPerPulse"]
    rows = np.zeros(-(-len(samples) // row) * row, np.float32)
    rows[: len(samples)] = samples / np.float32(32768)
    pulse = bundle.manifest["pulses"][0]["file"]
    stream = Model(bundle.bytes_of(pulse)).prepared().stream()
    return [float(stream.run([one])[0].item()) for one in rows.reshape(-1, 1, row)]


def peaks(samples: NDArray[np.int16]) -> dict[str, Any]:
    """The outline of the wave: least and greatest sample of each bin, from -127 to 127."""
    bins = np.zeros(-(-len(samples) // SAMPLES_PER_BIN) * SAMPLES_PER_BIN, np.int16)
    bins[: len(samples)] = samples
    outline = (bins.reshape(-1, SAMPLES_PER_BIN) / 256).round().clip(-127, 127).astype(int)
    return {
        "samplesPerBin": SAMPLES_PER_BIN,
        "min": outline.min(1).tolist(),
        "max": outline.max(1).tolist(),
    }


def record(bundle: Bundle) -> dict[str, Any]:
    """The recorded result as the page reads it."""
    samples, rate = read(SAMPLE)
    audio = bundle.manifest["audio"]
    if rate != audio["sampleRate"]:
        raise SystemExit(f"{SAMPLE.name} is at {rate} Hz, the bundle at {audio['sampleRate']} Hz")
    found = probabilities(bundle, samples)
    segments = get_speech_timestamps_from_probs(
        found, sampling_rate=rate, audio_length_samples=len(samples)
    )
    return {
        "sampleRate": rate,
        "frameSamples": audio["samplesPerPulse"],
        "length": len(samples),
        "probabilities": [round(p, 4) for p in found],
        "segments": [{"start": it["start"], "end": it["end"]} for it in segments],
        "peaks": peaks(samples),
    }


def main() -> None:
    """Read the options and write the JSON."""
    parser = argparse.ArgumentParser(description="Record what a bundle finds in sample.wav.")
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle's folder")
    parser.add_argument("--output", type=Path, required=True, help="the JSON to write")
    asked = parser.parse_args()
    result = record(Bundle.read(asked.bundle))
    asked.output.write_text(json.dumps(result, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
