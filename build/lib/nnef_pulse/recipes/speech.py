"""Speech synthesised at build, by eSpeak NG through espeakng-loader: a tool, never shipped."""

from __future__ import annotations

import _ctypes
import contextlib
import ctypes
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
_unload: Callable[[int], None] = getattr(_ctypes, "FreeLibrary" if os.name == "nt" else "dlclose")


@dataclass(frozen=True)
class Voice:
    """An eSpeak NG voice: its name, words per minute and pitch from 0 to 99."""

    name: str
    words_per_minute: int = 165
    pitch: int = 50


def speak(text: str, voice: Voice, sample_rate: int = 16000) -> Samples:
    """Say `text`: mono f32 samples in -1…1 at `sample_rate` Hz, the same whatever was said before.

    Raises:
        RuntimeError: eSpeak NG does not start or does not know the voice.
    """
    with _library() as (library, own_rate):
        samples = _said(library, text, voice)
    shared = gcd(own_rate, sample_rate)
    resampled = resample_poly(samples, sample_rate // shared, own_rate // shared)
    return np.asarray(resampled, np.float32)


def _said(library: ctypes.CDLL, text: str, voice: Voice) -> NDArray[np.float64]:
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
    return np.concatenate(heard).astype(np.float64) / 32768


@contextlib.contextmanager
def _library() -> Iterator[tuple[ctypes.CDLL, int]]:
    """The library and its sample rate, loaded afresh.

    Phases and random numbers live in its static variables, which neither the seed nor
    espeak_Terminate sets back: only unloading it does.
    """
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    try:
        data = espeakng_loader.get_data_path().encode()
        rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, 0)
        if rate <= 0:
            raise RuntimeError("eSpeak NG does not start")
        yield library, rate
    finally:
        library.espeak_Terminate()
        _unload(library._handle)
