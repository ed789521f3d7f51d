"""Pulses a model kept in a file: what `nnef-pulse pulse` does."""

from __future__ import annotations

from pathlib import Path

from nnef_pulse.bundle import model_or_bundle as subject
from nnef_pulse.engine.model import Streaming
from nnef_pulse.errors import BundleError, SymbolError
from nnef_pulse.prove.min_sizes import min_sizes
from nnef_pulse.prove.pulsed import checked_stream
from nnef_pulse.prove.sample_inputs import InputSampler
from nnef_pulse.prove.tolerance import Tolerance


def pulse_file(model: Path, symbol: str, pulse: int, out: Path) -> Streaming:
    """Pulse the model in a `.nnef.tgz` (or a bundle), prove it, write it.

    Raises:
        SymbolError: the model has no such symbol, or a pulse of 0 is asked for.
        PulseRefusedError, ProofError: it cannot be pulsed as asked.
        BundleError: the model cannot be read, or the file not be written.
    """
    it = subject.read(model)
    dims, example = subject.example_of(it)
    if symbol not in dims.example:
        known = ", ".join(dims.symbols) or "none"
        raise SymbolError(f"no axis of {model} is called {symbol}; known: {known}")
    if pulse < 1:
        raise SymbolError(f"a pulse is 1 or more input frames, not {symbol}={pulse}")
    least = min_sizes(it.model, dims)[symbol]
    draw = InputSampler(example, dims.axes)
    pulsed, _ = checked_stream(it.model, dims, symbol, pulse, least, draw, Tolerance())
    try:
        out.write_bytes(pulsed.model.archive)
    except OSError as error:
        raise BundleError(f"{out} cannot be written: {error.strerror}") from error
    return pulsed.streaming
