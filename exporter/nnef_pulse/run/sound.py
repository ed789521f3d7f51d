"""Reads, writes and resamples sound, with scipy."""

from __future__ import annotations

import warnings
from math import gcd
from pathlib import Path

import numpy as np

from nnef_pulse.engine.model import Array
from nnef_pulse.errors import UsageError
from nnef_pulse.extras import missing_extra


def read_wav(path: Path) -> tuple[Array, int]:
    """A WAV file's samples, from -1 to 1 and mixed down to mono, and its rate in Hz.

    PCM of 8 to 32 bits, and float.

    Raises:
        UsageError: the file cannot be read.
        MissingExtraError: scipy is not installed.
    """
    try:
        from scipy.io import wavfile
    except ModuleNotFoundError as error:
        raise missing_extra(error) from error
    try:
        with warnings.catch_warnings():
            # Chunks scipy does not know, such as those of players, hold no sound.
            warnings.simplefilter("ignore", wavfile.WavFileWarning)
            rate, data = wavfile.read(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, EOFError, IndexError) as error:
        raise UsageError(f"{path} is no WAV file that can be read: {error}") from error
    if data.ndim == 2 and data.shape[1] == 0:
        raise UsageError(f"{path} has no channel")
    if data.dtype == np.uint8:
        samples = (data.astype(np.float64) - 128) / 128
    elif np.issubdtype(data.dtype, np.integer):
        # 24 bits come in the upper bytes of 32.
        samples = data / -float(np.iinfo(data.dtype).min)
    else:
        samples = data.astype(np.float64)
    mono = samples.mean(1) if samples.ndim == 2 else samples
    return mono.astype(np.float32), int(rate)


def write_wav(path: Path, samples: Array, rate: int) -> None:
    """A mono WAV file of 32-bit floats; `rate` in Hz.

    Raises:
        UsageError: the file cannot be written.
        MissingExtraError: scipy is not installed.
    """
    try:
        from scipy.io import wavfile
    except ModuleNotFoundError as error:
        raise missing_extra(error) from error
    try:
        wavfile.write(path, rate, samples.astype(np.float32))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error


def resampled(samples: Array, rate: int, wanted: int) -> Array:
    """Samples at another rate, through scipy's polyphase low-pass filter.

    Raises:
        UsageError: the rate is not above 0.
        MissingExtraError: the rates differ and scipy is not installed.
    """
    if rate <= 0:
        raise UsageError(f"the rate must be above 0 Hz, not {rate}")
    if rate == wanted:
        return samples
    try:
        from scipy.signal import resample_poly
    except ModuleNotFoundError as error:
        raise missing_extra(error) from error
    common = gcd(rate, wanted)
    made: Array = resample_poly(samples, wanted // common, rate // common).astype(np.float32)
    return made
