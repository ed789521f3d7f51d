"""Inputs at other sizes than the example's, made from it and a fixed seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from nnef_pulse.engine.model import Array
from nnef_pulse.frontends.axes import Axes, axis_size
from nnef_pulse.nnef.dimensions import Sizes

Inputs = Mapping[str, Array]
Sampler = Callable[..., dict[str, Array]]
"""`draw(sizes)` or `draw(sizes, variation)`."""

# Enough for rows of a repeated example to differ, little enough to stay what the model knows.
_NOISE = 0.1

LIKE_EXAMPLE = "example"
# What the values of floating-point inputs are multiplied by. Powers of two lose no bits.
VARIATIONS = {LIKE_EXAMPLE: 1.0, "negated": -1.0, "loud": 16.0, "quiet": 2.0**-10, "silence": 0.0}

SEED = 0


@dataclass(frozen=True)
class Run:
    """One set of inputs: the sizes of its open axes, and how its values vary the example's."""

    sizes: Sizes
    variation: str = LIKE_EXAMPLE


@dataclass(frozen=True)
class InputSampler:
    """Inputs that resemble an example, at the sizes it is called with.

    Along its open axes the example is repeated or cut, from a random place; floats get a little
    noise within their range, integers and booleans are taken as they are, so vocabularies and
    masks stay valid. The same sizes, variation and seed give the same inputs.
    """

    example: Inputs
    axes: Axes
    seed: int = SEED

    def __call__(self, sizes: Sizes, variation: str = LIKE_EXAMPLE) -> dict[str, Array]:
        """Arrays by input name, open axes at `sizes`."""
        rng = np.random.default_rng([self.seed, *(sizes[symbol] for symbol in sorted(sizes))])
        drawn = {}
        for name, array in self.example.items():
            named = self.axes.get(name, {})
            resized = _resized(
                array, {axis: axis_size(it, sizes) for axis, it in named.items()}, rng
            )
            drawn[name] = vary(resized, variation)
        return drawn

    @property
    def varies(self) -> bool:
        """Whether variations change anything: integers and booleans stay as they are."""
        return any(np.issubdtype(array.dtype, np.floating) for array in self.example.values())


def vary(array: Array, variation: str) -> Array:
    """Floating-point values multiplied as `variation` says."""
    factor = VARIATIONS[variation]
    if factor == 1 or not np.issubdtype(array.dtype, np.floating):
        return array
    varied: Array = array * array.dtype.type(factor)
    return varied


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
        return np.asarray(result, order="C")
    spread = float(array.std())
    noise = rng.standard_normal(result.shape) * (_NOISE * spread or 1.0)
    noisy = result + noise
    if spread:
        noisy = noisy.clip(array.min(), array.max())
    return np.asarray(noisy.astype(array.dtype), order="C")
