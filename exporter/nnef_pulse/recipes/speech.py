"""Speech synthesised at build, by eSpeak NG through espeakng-loader: a tool, never shipped."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from math import gcd
from typing import Any

import espeakng_loader
import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

Samples = NDArray[np.float32]

# espeak-ng/speak_lib.h
_SYNCHRONOUS, _POS_CHARACTER, _CHARS_UTF8 = 2, 1, 1
_RATE, _PITCH = 1, 3
_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


@dataclass(frozen=True)
class Voice:
    """An eSpeak NG voice: its name, words per minute and pitch from 0 to 99."""

    name: str
    words_per_minute: int = 165
    pitch: int = 50


def speak(text: str, voice: Voice, sample_rate: int = 16000) -> Samples:
    """Say `text`: mono f32 samples in -1…1 at `sample_rate` Hz.

    Raises:
        RuntimeError: eSpeak NG does not start or does not know the voice.
    """
    library, own_rate = _library()
    heard: list[NDArray[np.int16]] = []

    def take(samples: Any, count: int, _events: object) -> int:
        if samples:
            heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    callback = _CALLBACK(take)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.name.encode()):
        raise RuntimeError(f"eSpeak NG has no voice {voice.name!r}")
    library.espeak_SetParameter(_RATE, voice.words_per_minute, 0)
    library.espeak_SetParameter(_PITCH, voice.pitch, 0)
    # The voice's flutter is random, seeded from the clock unless told otherwise.
    library.espeak_ng_SetRandSeed(ctypes.c_long(1))
    encoded = text.encode()
    library.espeak_Synth(encoded, len(encoded) + 1, 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
    library.espeak_Synchronize()
    samples = np.concatenate(heard).astype(np.float64) / 32768
    shared = gcd(own_rate, sample_rate)
    resampled = resample_poly(samples, sample_rate // shared, own_rate // shared)
    return np.asarray(resampled, np.float32)


@cache
def _library() -> tuple[Any, int]:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0:
        raise RuntimeError("eSpeak NG does not start")
    return library, rate
