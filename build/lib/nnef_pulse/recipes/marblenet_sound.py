"""Sound to teach a voice detector with: synthetic speech, noises, and mixtures of both.

All is drawn from a seed. Speech is made-up words, so that no language's dictionary is needed and
every sound of a voice's language comes up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, lfilter

from nnef_pulse.recipes.speech import Voice, speak

RATE = 16000
Samples = NDArray[np.float32]
Wave = NDArray[np.float64]

_ONSETS = ["", "b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "sh", "tr", "st"]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ou", "ea"]
_CODAS = ["", "", "n", "s", "l", "r", "t", "m"]


@dataclass(frozen=True)
class Cast:
    """Who speaks: languages, and variants of eSpeak NG's voice ("" is its plain one)."""

    languages: Sequence[str]
    variants: Sequence[str]


TAUGHT = Cast(
    ("en-us", "en", "de", "fr", "es", "it", "nl", "pl", "sv", "tr", "fi", "hu", "id", "ro"),
    ("", "+m1", "+m2", "+m3", "+m4", "+m6", "+m7", "+f1", "+f2", "+f3", "+f4", "+klatt2", "+croak"),
)
HELD_OUT = Cast(("pt", "cs", "da", "ca", "et"), ("+m5", "+m8", "+f5", "+klatt4", "+Annie"))


def words(rng: np.random.Generator) -> str:
    """Two to nine made-up words with a comma or stop here and there."""
    text = ""
    for _ in range(int(rng.integers(2, 10))):
        for _ in range(int(rng.integers(1, 4))):
            text += rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)
        text += rng.choice([" ", " ", " ", ", ", ". "])
    return text


def utterances(rng: np.random.Generator, cast: Cast, count: int) -> list[Wave]:
    """Utterances in 16 kHz samples, each by a voice of its own, loudest sample 1."""
    spoken = []
    for _ in range(count):
        name = f"{rng.choice(np.array(cast.languages))}{rng.choice(np.array(cast.variants))}"
        voice = Voice(name, int(rng.integers(110, 260)), int(rng.integers(15, 90)))
        wave = speak(words(rng), voice, RATE).astype(np.float64)
        spoken.append(wave / max(1e-6, float(np.abs(wave).max())))
    return spoken


def noise(rng: np.random.Generator, count: int) -> Wave:
    """One of many noises that are no speech, `count` samples, of power 1 (or all zeros)."""
    kind = int(rng.integers(9))
    time = np.arange(count) / RATE
    if kind == 0:
        return np.zeros(count)
    if kind <= 3:  # white to brown, through a leaky integrator, sometimes coming and going
        leak = rng.choice([0.0, 0.7, 0.97, 0.997])
        wave = lfilter([1.0], [1.0, -leak], rng.standard_normal(count))
        wave = wave * (1 + rng.uniform(0, 0.9) * np.sin(2 * np.pi * rng.uniform(0.1, 3) * time))
    elif kind == 4:  # mains hum with its overtones
        pitch = rng.choice([50.0, 60.0]) * rng.uniform(0.98, 1.02)
        wave = sum(
            (np.sin(2 * np.pi * pitch * n * time + rng.uniform(0, 6)) / n for n in range(1, 9)),
            np.zeros(count),
        )
    elif kind == 5:  # steady tones and sweeps
        wave = np.zeros(count)
        for _ in range(int(rng.integers(1, 4))):
            low, high = rng.uniform(80, 5000, 2)
            end = rng.choice([low, high])
            sweep = low * time + (end - low) * time**2 / (2 * count / RATE)
            wave += np.sin(2 * np.pi * sweep)
    elif kind == 6:  # keys, taps and clicks
        wave = _struck(rng, count, rng.uniform(2, 12), (0.001, 0.02), harmonic=False)
    elif kind == 7:  # notes, struck and ringing out
        wave = _struck(rng, count, rng.uniform(1, 5), (0.05, 0.6), harmonic=True)
    else:  # gusts: noise in a band that wanders
        wave = np.zeros(count)
        pole = 0.98 * np.exp(2j * np.pi * rng.uniform(0.01, 0.2))
        wave = lfilter([1.0], [1.0, -2 * pole.real, abs(pole) ** 2], rng.standard_normal(count))
        wave = wave * np.interp(time, np.arange(60) / 2.0, rng.uniform(0, 1, 60))
    return np.asarray(wave / np.sqrt(np.mean(wave**2) + 1e-12))


def _struck(
    rng: np.random.Generator,
    count: int,
    each_second: float,
    ringing: tuple[float, float],
    *,
    harmonic: bool,
) -> Wave:
    wave = np.zeros(count + RATE)
    for _ in range(max(1, int(each_second * count / RATE))):
        at = int(rng.integers(count))
        time = np.arange(RATE) / RATE
        decay = np.exp(-time / rng.uniform(*ringing))
        if harmonic:
            pitch = 110 * 2 ** (rng.integers(0, 36) / 12)
            sound = sum(
                (np.sin(2 * np.pi * pitch * n * time) / n**1.5 for n in range(1, 7)),
                np.zeros(RATE),
            )
        else:
            sound = lfilter([1.0], [1.0, -rng.uniform(0, 0.9)], rng.standard_normal(RATE))
        wave[at : at + RATE] += rng.uniform(0.3, 1) * decay * sound
    return wave[:count]


def clip(rng: np.random.Generator, spoken: Sequence[Wave], seconds: float) -> Samples:
    """Speech with pauses, from near or from a room, over noise; one in six has no speech."""
    count = int(seconds * RATE)
    speech = np.zeros(count)
    at = int(rng.uniform(0, 1.5) * RATE)
    while at < count and rng.random() > 1 / 6:
        wave = spoken[int(rng.integers(len(spoken)))][: count - at]
        speech[at : at + len(wave)] += wave * rng.uniform(0.3, 1)
        at += len(wave) + int(rng.exponential(0.9) * RATE)
    if rng.random() < 0.5:
        speech = _in_room(rng, speech)
    if rng.random() < 0.5:
        # A microphone's tilt: one pole or one zero, darker or brighter.
        tilt = rng.uniform(-0.6, 0.6)
        speech = lfilter([1.0, min(0.0, tilt)], [1.0, -max(0.0, tilt)], speech)
    # The level of speech while it sounds, pauses left out.
    loud = np.abs(speech) > 0.02
    level = float(np.sqrt(np.mean(speech[loud] ** 2))) if loud.any() else 0.1
    ratio = rng.uniform(0, 40)
    mixed = speech + noise(rng, count) * level * 10 ** (-ratio / 20)
    mixed += rng.standard_normal(count) * level * 10 ** (-rng.uniform(40, 80) / 20)
    peak = float(np.abs(mixed).max()) + 1e-9
    gain = 10 ** (-rng.uniform(1, 36) / 20)
    return np.asarray(mixed / peak * gain, np.float32)


def _in_room(rng: np.random.Generator, wave: Wave) -> Wave:
    length = int(rng.uniform(0.08, 0.5) * RATE)
    response = rng.standard_normal(length) * np.exp(-5 * np.arange(length) / length)
    response *= rng.uniform(0.02, 0.25)
    response[0] = 1.0
    return np.asarray(fftconvolve(wave, response)[: len(wave)])


def clips(seed: int, cast: Cast, count: int, seconds: float) -> Samples:
    """Clips (count, seconds * 16000), f32 in -1…1."""
    rng = np.random.default_rng(seed)
    spoken = utterances(rng, cast, count)
    return np.stack([clip(rng, spoken, seconds) for _ in range(count)])
