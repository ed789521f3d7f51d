"""What the page of the live VAD walkthrough is held to, computed without it.

    .venv/bin/python tests/e2e/walkthroughs/python/vad_reference.py SOUND.wav BUNDLES < QUESTIONS

Answers come from the silero-vad package's own ONNX under onnxruntime and its
`get_speech_timestamps_from_probs`; the other model's from native tract over the whole sound, which
knows no pulses and no delay. Questions: `rules`, a list of options of the package's function;
`reset`, the pulse before which a second stream begins.
"""

from __future__ import annotations

import json
import sys
import wave
from pathlib import Path

import numpy as np
import torch
from silero_vad import load_silero_vad
from silero_vad.utils_vad import get_speech_timestamps_from_probs

from nnef_pulse.engine.model import Model

RATE = 16000
FRAME = 512


def read(path: str) -> np.ndarray:
    """Mono PCM16 at 16 kHz as float32 between -1 and 1."""
    with wave.open(path) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768


def answers(model, sound: np.ndarray) -> list[float]:
    """The package's probabilities of a stream that begins with `sound`."""
    model.reset_states()
    frames = [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)]
    padded = [np.pad(frame, (0, FRAME - len(frame))) for frame in frames]
    return [float(model(torch.from_numpy(frame), RATE)) for frame in padded]


def spans(probabilities: list[float], length: int, rules: dict) -> list[list[int]]:
    found = get_speech_timestamps_from_probs(
        probabilities, sampling_rate=RATE, audio_length_samples=length, **rules
    )
    return [[span["start"], span["end"]] for span in found]


def whole(bundle: Path, sound: np.ndarray) -> np.ndarray:
    """Frames of the model that is not pulsed."""
    model = Model((bundle / "model.nnef.tgz").read_bytes())
    return model.prepared().run([sound[None]])[0].reshape(-1)


def main() -> None:
    torch.set_num_threads(1)
    sound, bundles = read(sys.argv[1]), Path(sys.argv[2])
    asked = json.load(sys.stdin)
    silero = load_silero_vad(onnx=True)
    probabilities = answers(silero, sound)
    other = whole(bundles / "marblenet-vad", sound)
    hop = len(sound) // len(other)
    middles = (np.arange(len(other)) * hop + hop // 2) // FRAME
    agreement = np.mean((np.array(probabilities)[middles] >= 0.5) == (other >= 0.5))
    answer = {
        "probabilities": probabilities,
        "reset": answers(silero, sound[asked["reset"] * FRAME :]),
        "spans": [spans(probabilities, len(sound), rules) for rules in asked["rules"]],
        "agreement": float(agreement),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
