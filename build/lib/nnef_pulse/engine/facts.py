"""What tract states of a model, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnef_pulse.nnef.dimensions import Expression

Array = NDArray[Any]


@dataclass(frozen=True)
class Port:
    """A named input or output; `dims` in tract's own notation, `dtype` in lower case."""

    name: str
    dims: tuple[str, ...]
    dtype: str

    @property
    def fact(self) -> str:
        """As tract prints it: `1,S,64,f32`."""
        return ",".join([*self.dims, self.dtype])

    def expressions(self) -> tuple[Expression, ...]:
        """Each dimension, readable at given sizes."""
        return tuple(Expression.parse(dim) for dim in self.dims)


@dataclass(frozen=True)
class Streaming:
    """What tract says of a pulsed model.

    Each output has a delay of its own, in its own frames. An axis of -1 marks an input or output
    that does not stream.
    """

    delays: tuple[int, ...]
    input_axes: tuple[int, ...]
    output_axes: tuple[int, ...]

    @property
    def delay(self) -> int:
        """The delay of the first output."""
        return self.delays[0]


@dataclass(frozen=True)
class Description:
    """A loaded model's inputs and outputs and, when it is pulsed, its delay and axes."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    streaming: Streaming | None
    readable: bytes | None = None
    """The archive that tract reads as it is meant, where that is another."""


def zeros_like(port: Port, sizes: Mapping[str, int]) -> Array:
    """An input of zeros at given sizes."""
    shape = [dim.at(sizes) for dim in port.expressions()]
    kinds = {"i": "int", "u": "uint", "f": "float"}
    dtype = "bool" if port.dtype == "bool" else kinds[port.dtype[0]] + port.dtype[1:]
    zeros: Array = np.zeros(shape, dtype)
    return zeros
