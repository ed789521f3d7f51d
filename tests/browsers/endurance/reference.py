"""An hour of sound, and what the silero-vad package says of it.

    .venv/bin/python tests/browsers/endurance/reference.py SOUND.wav SECONDS FOLDER

Repeats a mono int16 WAV at 16 kHz to so many seconds, as FOLDER/long.wav, and writes the
probability of each frame, from the package's own ONNX under onnxruntime and one unbroken state, as
float32 to FOLDER/long.f32.
"""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np
import torch
from silero_vad import load_silero_vad

RATE = 16000
FRAME = 512


def main() -> None:
    source, seconds, folder = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    torch.set_num_threads(1)
    with wave.open(str(source), "rb") as file:
        found = (file.getnchannels(), file.getsampwidth(), file.getframerate())
        if found != (1, 2, RATE):
            raise SystemExit(f"{source} is not mono, 16 bits, {RATE} Hz: {found}")
        once = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    sound = np.resize(once, seconds * RATE)
    model = load_silero_vad(onnx=True)
    frames = [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)]
    probabilities = np.empty(len(frames), "<f4")
    for n, frame in enumerate(frames):
        whole = np.pad(frame, (0, FRAME - len(frame))).astype(np.float32) / 32768
        probabilities[n] = model(torch.from_numpy(whole), RATE).item()
    folder.mkdir(parents=True, exist_ok=True)
    with wave.open(str(folder / "long.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.tobytes())
    (folder / "long.f32").write_bytes(probabilities.tobytes())


if __name__ == "__main__":
    main()
