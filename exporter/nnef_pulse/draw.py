"""Inputs at other sizes than the example's, made from it and a fixed seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from nnef_pulse.axes import Axes
from nnef_pulse.engine import Array
from nnef_pulse.symbols import Sizes

Inputs = Mapping[str, Array]
Draw = Callable[[Sizes], dict[str, Array]]

# Enough for rows of a repeated example to differ, little enough to stay what the model knows.
_NOISE = 0.1


def like(example: Inputs, axes: Axes, seed: int = 0) -> Draw:
    """Draw inputs that resemble the example.

    Along its open axes the example is repeated or cut, from a random place; floats get a little
    noise within their range, integers and booleans are taken as they are, so vocabularies and
    masks stay valid. The same sizes and seed give the same inputs.
    """

    def draw(sizes: Sizes) -> dict[str, Array]:
        rng = np.random.default_rng([seed, *(sizes[symbol] for symbol in sorted(sizes))])
        return {
            name: _resized(array, {axis: sizes[it] for axis, it in axes.get(name, {}).items()}, rng)
            for name, array in example.items()
        }

    return draw


def _resized(array: Array, sizes: Mapping[int, int], rng: np.random.Generator) -> Array:
    floating = np.issubdtype(array.dtype, np.floating)
    if array.size == 0:
        shape = [sizes.get(axis, size) for axis, size in enumerate(array.shape)]
        values = rng.standard_normal(shape) if floating else np.zeros(shape)
        return values.astype(array.dtype)
    result = array
    for axis, size in sizes.items():
        start = int(rng.integers(array.shape[axis]))
        result = result.take((start + np.arange(size)) % array.shape[axis], axis)
    if not floating:
        return np.ascontiguousarray(result)
    spread = float(array.std())
    noise = rng.standard_normal(result.shape) * (_NOISE * spread or 1.0)
    noisy = result + noise
    if spread:
        noisy = noisy.clip(array.min(), array.max())
    return np.ascontiguousarray(noisy.astype(array.dtype))
