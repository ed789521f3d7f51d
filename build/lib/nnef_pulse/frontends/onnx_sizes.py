"""Example inputs for an ONNX file, which brings none: sizes to try and arrays to run with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from nnef_pulse.engine.model import Array
from nnef_pulse.frontends.axes import grid
from nnef_pulse.frontends.onnx_file import Input

# A first axis is a batch more often than not; others run along time, up to a second of sound.
_FIRST_AXIS = 2
_LENGTHS = (32, 64, 128, 256, 512, 1024, 4096, 16384)


def sizes_to_try(ports: Sequence[Input]) -> Iterator[dict[str, int]]:
    """Values for every symbol: likely ones first, then all small ones, for asserts and modes."""
    symbols: dict[str, int] = {}
    for port in ports:
        for axis, symbol in port.symbols.items():
            symbols[symbol] = max(axis, symbols.get(symbol, 0))
    if not symbols:
        yield {}
        return
    for length in _LENGTHS:
        yield {it: length if axis else _FIRST_AXIS for it, axis in symbols.items()}
    for length in _LENGTHS:
        yield dict.fromkeys(symbols, length)
    yield from sorted(grid(tuple(symbols)), key=lambda sizes: -sum(sizes.values()))


def drawn(ports: Sequence[Input], sizes: Mapping[str, int]) -> dict[str, Array]:
    """Arrays of these sizes from a fixed seed: floats normal, integers and booleans 0 or 1.

    0 and 1 are in every vocabulary, and are what masks hold.
    """
    rng = np.random.default_rng(0)
    arrays: dict[str, Array] = {}
    for port in ports:
        shape = [sizes[dim] if isinstance(dim, str) else dim for dim in port.dims]
        floating = np.issubdtype(port.dtype, np.floating)
        values = rng.standard_normal(shape) if floating else rng.integers(0, 2, shape)
        arrays[port.name] = np.asarray(values).astype(port.dtype)
    return arrays
