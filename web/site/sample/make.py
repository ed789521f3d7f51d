"""Makes sample.wav, the recording the live page plays: `python web/site/sample/make.py`.

spoken.json beside it says when somebody speaks in it, and what.
Two synthetic voices, a pause, clicks like a keyboard's, a tone, and speech under noise, at 16 kHz.
The voices are eSpeak NG's (espeak-ng.org), through espeakng-loader; all else is computed here.
Every number is drawn from one seed, so the file comes out the same each time.
"""

from __future__ import annotations

import json
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnef_pulse.recipes.speech import Voice, speak

RATE = 16000
OUT = Path(__file__).with_name("sample.wav")
SPOKEN = OUT.with_name("spoken.json")
# A voice begins and ends where it passes this share of its peak: eSpeak leaves silence around it.
AUDIBLE = 0.01

Samples = NDArray[np.float64]

FIRST = Voice("en-us", words_per_minute=160, pitch=38)
SECOND = Voice("en-gb-x-rp+f3", words_per_minute=165, pitch=62)


@dataclass(frozen=True)
class Part:
    """A piece of the recording, and from where to where a voice is in it."""

    sound: Samples
    text: str = ""
    start: int = 0
    end: int = 0


def voice(text: str, who: Voice, peak: float = 0.5) -> Part:
    """A sentence, its loudest sample at `peak`."""
    said = speak(text, who, RATE).astype(np.float64)
    said = said / np.abs(said).max() * peak
    audible = np.flatnonzero(np.abs(said) >= AUDIBLE * peak)
    return Part(said, text, int(audible[0]), int(audible[-1]) + 1)


def silence(seconds: float) -> Samples:
    """Nothing for a while."""
    return np.zeros(int(seconds * RATE))


def clicks(rng: np.random.Generator, seconds: float) -> Samples:
    """Short bursts of decaying noise, seven a second, none of them evenly spaced."""
    out = silence(seconds)
    at = 0.05
    while at < seconds - 0.05:
        length = int(0.006 * RATE)
        burst = rng.standard_normal(length) * np.exp(-np.arange(length) / (0.0012 * RATE))
        start = int(at * RATE)
        out[start : start + length] += burst * rng.uniform(0.05, 0.12)
        at += rng.uniform(0.09, 0.2)
    return out


def tone(hertz: float, seconds: float, peak: float = 0.2) -> Samples:
    """A sine that fades in and out over 20 ms."""
    time = np.arange(int(seconds * RATE)) / RATE
    fade = np.clip(np.minimum(time, seconds - time) / 0.02, 0, 1)
    return np.sin(2 * np.pi * hertz * time) * fade * peak


def under_noise(rng: np.random.Generator, said: Part, decibels: float) -> Part:
    """Speech with pink-like noise that many decibels below it, half a second longer each side."""
    lead = silence(0.5)
    padded = np.concatenate([lead, said.sound, silence(0.5)])
    white = np.fft.rfft(rng.standard_normal(len(padded)))
    pink = np.fft.irfft(white / np.sqrt(np.arange(len(white)) + 8), len(padded))
    level = np.sqrt(np.mean(said.sound**2)) * 10 ** (-decibels / 20)
    fade = np.clip(np.minimum(np.arange(len(padded)), np.arange(len(padded))[::-1]) / 4000, 0, 1)
    noisy = padded + pink / pink.std() * level * fade
    return Part(noisy, said.text, said.start + len(lead), said.end + len(lead))


def compose() -> tuple[NDArray[np.int16], list[dict[str, Any]]]:
    """The whole recording as PCM16, and what is said in it from which sample to which."""
    rng = np.random.default_rng(2026)
    parts = [
        Part(silence(0.5)),
        voice("Nothing you say leaves this page.", FIRST),
        Part(silence(0.8)),
        voice("The model hears it pulse by pulse, and remembers.", SECOND),
        Part(silence(0.7)),
        Part(clicks(rng, 1.4)),
        Part(silence(0.4)),
        Part(tone(880, 0.9)),
        Part(silence(0.5)),
        under_noise(rng, voice("Even in a noisy room.", FIRST), 10),
        Part(silence(0.5)),
    ]
    joined = np.concatenate([part.sound for part in parts])
    hiss = rng.standard_normal(len(joined)) * 2e-4
    starts = np.cumsum([0, *(len(part.sound) for part in parts)]).tolist()
    spoken = [
        {"text": part.text, "start": at + part.start, "end": at + part.end}
        for at, part in zip(starts, parts, strict=False)
        if part.text
    ]
    return np.round(np.clip(joined + hiss, -1, 1) * 32767).astype(np.int16), spoken


def main() -> None:
    """Write sample.wav and spoken.json beside this file."""
    samples, spoken = compose()
    SPOKEN.write_text(json.dumps(spoken, indent=2) + "\n")
    with wave.open(str(OUT), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())


if __name__ == "__main__":
    main()
