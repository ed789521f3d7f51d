"""What the silero-vad package makes of a WAV file, as JSON.

    .venv/bin/python tests/e2e/vad/reference/reference.py FILE.wav [ORIGINAL.wav]

Gives the frames' probabilities (its own ONNX under onnxruntime) and `get_speech_timestamps` with
its defaults. With an ORIGINAL of which FILE is a recording, also the original's segments and, for
each of their edges, how many samples later it lies in FILE, by cross-correlation of the sound
before it and of the sound after it. Where the two disagree the browser lost sound there before
anyone could hear it, as it does on a busy machine: null.
"""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from silero_vad import get_speech_timestamps, load_silero_vad

#: Samples of a frame, by rate.
FRAMES = {16000: 512, 8000: 256}


def read(path: str) -> tuple[np.ndarray, int]:
    """Mono int16 or float32 WAV at 8 or 16 kHz, as float32 between -1 and 1, and its rate."""
    data = Path(path).read_bytes()
    at, kind, rate = 12, 0, 0
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt ":
            kind, channels, rate = struct.unpack("<HHI", body[:8])
            assert channels == 1, channels
            assert rate in FRAMES, rate
        if name == b"data":
            if kind == 3:
                return np.frombuffer(body, "<f4").copy(), rate
            return np.frombuffer(body, "<i2").astype(np.float32) / 32768, rate
        at += 8 + size + size % 2
    raise ValueError(f"{path} holds no sound")


def shift(
    original: np.ndarray, recorded: np.ndarray, start: int, end: int, rate: int
) -> int | None:
    """Samples by which `original[start:end]` comes later in the recording; None if it is quiet."""
    most = 2 * rate
    piece = original[max(0, start) : min(len(original), end)]
    if len(piece) < rate // 2 or float(np.std(piece)) < 1e-3:
        return None
    window = np.pad(recorded, most)[max(0, start) : max(0, start) + len(piece) + 2 * most]
    size = 1 << (len(window) + len(piece)).bit_length()
    spectrum = np.fft.rfft(window, size) * np.conj(np.fft.rfft(piece, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: 2 * most])) - most


def lateness(original: np.ndarray, recorded: np.ndarray, edge: int, rate: int) -> int | None:
    reach = 2 * rate
    before = shift(original, recorded, edge - reach, edge, rate)
    after = shift(original, recorded, edge, edge + reach, rate)
    if before is None or after is None:
        return before if after is None else after
    return before if abs(before - after) <= rate // 1000 else None


def main() -> None:
    torch.set_num_threads(1)
    model = load_silero_vad(onnx=True)
    sound, rate = read(sys.argv[1])
    size = FRAMES[rate]

    def segments(of: np.ndarray) -> list[list[int]]:
        found = get_speech_timestamps(torch.from_numpy(of), model, sampling_rate=rate)
        return [[span["start"], span["end"]] for span in found]

    model.reset_states()
    frames = [sound[at : at + size] for at in range(0, len(sound), size)]
    probabilities = [
        float(model(torch.from_numpy(np.pad(frame, (0, size - len(frame)))), rate))
        for frame in frames
    ]
    answer = {"probabilities": probabilities, "segments": segments(sound)}
    if len(sys.argv) > 2:
        original, _ = read(sys.argv[2])
        answer["original"] = segments(original)
        answer["lateness"] = [
            [lateness(original, sound, edge, rate) for edge in span] for span in answer["original"]
        ]
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
