"""Inputs at other sizes than the example's, made from it and a fixed seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from nnef_pulse.engine.model import Array
from nnef_pulse.frontends.axes import Axes
from nnef_pulse.nnef.dimensions import Sizes

Inputs = Mapping[str, Array]
Sampler = Callable[[Sizes], dict[str, Array]]

# Enough for rows of a repeated example to differ, little enough to stay what the model knows.
_NOISE = 0.1


@dataclass(frozen=True)
class InputSampler:
    """Inputs that resemble an example, at the sizes it is called with.

    Along its open axes the example is repeated or cut, from a random place; floats get a little
    noise within their range, integers and booleans are taken as they are, so vocabularies and
    masks stay valid. The same sizes and seed give the same inputs.
    """

    example: Inputs
    axes: Axes
    seed: int = 0

    def __call__(self, sizes: Sizes) -> dict[str, Array]:
        """Arrays by input name, open axes at `sizes`."""
        rng = np.random.default_rng([self.seed, *(sizes[symbol] for symbol in sorted(sizes))])
        resized = {}
        for name, array in self.example.items():
            named = self.axes.get(name, {})
            resized[name] = _resized(array, {axis: sizes[it] for axis, it in named.items()}, rng)
        return resized


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
