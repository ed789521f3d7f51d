"""Makes sample.wav, the recording the live page plays: `python web/site/sample/make.py`.

Two synthetic voices, a pause, clicks like a keyboard's, a tone, and speech under noise, at 16 kHz.
The voices are eSpeak NG's (espeak-ng.org), through espeakng-loader; all else is computed here.
Every number is drawn from one seed, so the file comes out the same each time.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnef_pulse.recipes.speech import Voice, speak

RATE = 16000
OUT = Path(__file__).with_name("sample.wav")

Samples = NDArray[np.float64]

FIRST = Voice("en-us", words_per_minute=160, pitch=38)
SECOND = Voice("en-gb-x-rp+f3", words_per_minute=165, pitch=62)


def voice(text: str, who: Voice, peak: float = 0.5) -> Samples:
    """A sentence, its loudest sample at `peak`."""
    said = speak(text, who, RATE).astype(np.float64)
    return said / np.abs(said).max() * peak


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


def under_noise(rng: np.random.Generator, said: Samples, decibels: float) -> Samples:
    """Speech with pink-like noise that many decibels below it, half a second longer each side."""
    padded = np.concatenate([silence(0.5), said, silence(0.5)])
    white = np.fft.rfft(rng.standard_normal(len(padded)))
    pink = np.fft.irfft(white / np.sqrt(np.arange(len(white)) + 8), len(padded))
    level = np.sqrt(np.mean(said**2)) * 10 ** (-decibels / 20)
    fade = np.clip(np.minimum(np.arange(len(padded)), np.arange(len(padded))[::-1]) / 4000, 0, 1)
    return padded + pink / pink.std() * level * fade


def compose() -> NDArray[np.int16]:
    """The whole recording as PCM16."""
    rng = np.random.default_rng(2026)
    parts = [
        silence(0.5),
        voice("Nothing you say leaves this page.", FIRST),
        silence(0.8),
        voice("The model hears it pulse by pulse, and remembers.", SECOND),
        silence(0.7),
        clicks(rng, 1.4),
        silence(0.4),
        tone(880, 0.9),
        silence(0.5),
        under_noise(rng, voice("Even in a noisy room.", FIRST), 10),
        silence(0.5),
    ]
    joined = np.concatenate(parts)
    hiss = rng.standard_normal(len(joined)) * 2e-4
    return np.round(np.clip(joined + hiss, -1, 1) * 32767).astype(np.int16)


def main() -> None:
    """Write sample.wav beside this file."""
    with wave.open(str(OUT), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(compose().astype("<i2").tobytes())


if __name__ == "__main__":
    main()
