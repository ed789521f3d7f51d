"""Random probability tracks with the silero-vad package's answer to each, one JSON object a line.

    .venv/bin/python tests/web/segmenter/silero_tracks.py RUNS SEED

`length` is the number of samples of sound; `whole` says whether it lies within the last frame, as
a stream's does.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator

from silero_vad.utils_vad import get_speech_timestamps_from_probs


def track(rng: random.Random, frames: int, levels: list[float]) -> list[float]:
    """Runs of one level each, with noise in some: long enough to open, close, and be cut."""
    out: list[float] = []
    longest = rng.choice([1, 3, 6, 20, 60])
    noise = rng.choice([0.0, 0.0, 0.05, 0.3])
    while len(out) < frames:
        level = rng.choice(levels)
        for _ in range(rng.randint(1, longest)):
            jitter = rng.uniform(-noise, noise)
            out.append(min(1.0, max(0.0, round(level + jitter, 4))))
    return out[:frames]


def case(rng: random.Random) -> dict[str, object]:
    rate = rng.choice([8000, 16000])
    window = 512 if rate == 16000 else 256
    frames = rng.choice([0, 1, 2, rng.randint(3, 40), rng.randint(40, 400)])
    options: dict[str, object] = {}
    threshold = 0.5
    if rng.random() < 0.5:
        threshold = rng.choice([0.05, 0.15, 0.3, 0.5, 0.7, round(rng.random(), 3)])
        options["threshold"] = threshold
    off = max(threshold - 0.15, 0.01)
    if rng.random() < 0.3:
        off = rng.choice([round(rng.random(), 3), min(1.0, threshold + 0.1), threshold])
        options["negThreshold"] = off
    if rng.random() < 0.5:
        options["minSpeechMs"] = rng.choice([0, 32, 64, 96, 250, 500, rng.randint(0, 900)])
    if rng.random() < 0.6:
        options["maxSpeechMs"] = rng.choice([100, 500, 1000, 2000, rng.randint(50, 6000)])
    if rng.random() < 0.5:
        options["minSilenceMs"] = rng.choice([0, 32, 64, 100, 160, 800, rng.randint(0, 1500)])
    if rng.random() < 0.5:
        options["speechPadMs"] = rng.choice([0, 16, 30, 100, 400, 1000, rng.randint(0, 700)])
    if rng.random() < 0.4:
        options["minSilenceAtMaxSpeechMs"] = rng.choice([0, 32, 64, 98, 200, rng.randint(0, 400)])
    if rng.random() < 0.5:
        options["useMaxPossibleSilenceAtMaxSpeech"] = rng.random() < 0.5
    levels = [0.02, 0.95, threshold, off, (threshold + off) / 2, max(0.0, off - 0.01)]
    probabilities = track(rng, frames, [round(level, 4) for level in levels])
    total = frames * window
    length = total
    if frames and rng.random() < 0.7:
        length = total - rng.randint(0, window - 1)
    whole = True
    if rng.random() < 0.1:
        length, whole = rng.randint(0, total + 2 * window), False
    return {
        "sampleRate": rate,
        "options": options,
        "probabilities": probabilities,
        "length": length,
        "whole": whole,
    }


NAMES = {
    "threshold": "threshold",
    "negThreshold": "neg_threshold",
    "minSpeechMs": "min_speech_duration_ms",
    "minSilenceMs": "min_silence_duration_ms",
    "speechPadMs": "speech_pad_ms",
    "minSilenceAtMaxSpeechMs": "min_silence_at_max_speech",
    "useMaxPossibleSilenceAtMaxSpeech": "use_max_poss_sil_at_max_speech",
}


def answer(one: dict[str, object]) -> list[list[int]]:
    options = dict(one["options"])  # type: ignore[call-overload]
    keywords = {}
    if "maxSpeechMs" in options:
        keywords["max_speech_duration_s"] = options.pop("maxSpeechMs") / 1000
    keywords.update({NAMES[name]: value for name, value in options.items()})
    spans = get_speech_timestamps_from_probs(
        one["probabilities"],
        sampling_rate=one["sampleRate"],
        audio_length_samples=one["length"],
        **keywords,
    )
    return [[span["start"], span["end"]] for span in spans]


def cases(runs: int, seed: int) -> Iterator[dict[str, object]]:
    rng = random.Random(seed)
    for _ in range(runs):
        one = case(rng)
        yield {**one, "segments": answer(one)}


if __name__ == "__main__":
    for one in cases(int(sys.argv[1]), int(sys.argv[2])):
        print(json.dumps(one))
