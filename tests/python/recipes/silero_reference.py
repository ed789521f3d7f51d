"""What the silero-vad package itself finds in a 16 kHz WAV, for tests in other languages.

    python tests/python/recipes/silero_reference.py SPEECH.wav OUT.json

Writes {probabilities, segments}: its own ONNX under onnxruntime, window by window with the state
and context its wrapper keeps, and `get_speech_timestamps` with its defaults.
"""

import json
import sys
import warnings
import wave
from pathlib import Path

import numpy as np
import torch


def samples_of(path):
    """Mono f32 samples in -1…1 of a 16 kHz PCM16 WAV."""
    with wave.open(str(path), "rb") as file:
        layout = (file.getnchannels(), file.getsampwidth(), file.getframerate())
        if layout != (1, 2, 16000):
            raise SystemExit(f"{path} is {layout}: mono PCM16 at 16000 Hz is needed")
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / np.float32(32768)


def reference(samples):
    """Probabilities of 512-sample windows and segments in samples."""
    warnings.simplefilter("ignore")
    from silero_vad import get_speech_timestamps, load_silero_vad

    model = load_silero_vad(onnx=True)
    signal = torch.from_numpy(np.asarray(samples, np.float32))
    probabilities = model.audio_forward(signal, sr=16000)[0].tolist()
    return {
        "probabilities": probabilities,
        "segments": get_speech_timestamps(signal, model, sampling_rate=16000),
    }


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: silero_reference.py SPEECH.wav OUT.json")
    found = reference(samples_of(sys.argv[1]))
    Path(sys.argv[2]).write_text(json.dumps(found) + "\n")
