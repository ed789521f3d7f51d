"""tract, in process: the only module that touches its Python package.

Arrays go in and come out as numpy arrays, in the order of the model's inputs and outputs.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tract
from numpy.typing import NDArray

from nnef_pulse import nnef
from nnef_pulse.errors import EngineError
from nnef_pulse.nnef.dimensions import Expression
from nnef_pulse.nnef.writer import Archive

Array = NDArray[Any]

VERSION = version("tract")


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
    """What tract says of a pulsed model: delay in output frames, axes per input and output."""

    delay: int
    input_axes: tuple[int, ...]
    output_axes: tuple[int, ...]


class Stream:
    """One stream through a prepared model: its state lives between calls."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Feed one pulse.

        Raises:
            EngineError: tract refuses the inputs.
        """
        try:
            tensors = [tract.Tensor.from_numpy(array) for array in inputs]
            return [output.to_numpy() for output in self._state.run(tensors)]
        except tract.TractError as error:
            raise _translated("tract cannot run the model", error) from error


class Runnable:
    """A model made ready to run."""

    def __init__(self, runnable: Any) -> None:
        self._runnable = runnable

    def stream(self) -> Stream:
        """A new, empty state."""
        return Stream(self._runnable.spawn_state())

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run once on a state of its own.

        Raises:
            EngineError: tract refuses the inputs.
        """
        return self.stream().run(inputs)

    def profile(self, inputs: Sequence[Array]) -> str:
        """Tract's own profile of one run, as JSON text."""
        try:
            return str(self._runnable.profile_json(list(inputs)))
        except tract.TractError as error:
            raise _translated("tract cannot profile the model", error) from error


class Model:
    """A typed model, kept as the bytes it came from: each transformation starts afresh.

    tract transforms models in place and loses them on failure; this way none is ever half done.
    """

    def __init__(self, archive: bytes) -> None:
        self.archive = archive
        model = self._load()
        # tract renames outputs after the operator that makes them; the text keeps their names.
        inputs, outputs = Archive.from_bytes(archive).ports()
        self.inputs = tuple(_port(name, model.input_fact(i)) for i, name in enumerate(inputs))
        self.outputs = tuple(_port(name, model.output_fact(i)) for i, name in enumerate(outputs))
        self._properties = model.property_keys()

    @cached_property
    def text(self) -> nnef.Archive:
        """The archive as the reader sees it."""
        return nnef.load(self.archive)

    @cached_property
    def streaming(self) -> Streaming | None:
        """Delay and axes, when the model is pulsed."""
        if "pulse.delay" not in self._properties:
            return None
        model = self._load()
        delays = [int(n) for n in model.property("pulse.delay").to_numpy().ravel()]
        axes = {
            key: tuple(int(n) for n in model.property(f"pulse.{key}_axes").to_numpy().ravel())
            for key in ("input", "output")
        }
        return Streaming(max(delays), axes["input"], axes["output"])

    def prepared(self, sizes: Mapping[str, int] | None = None) -> Runnable:
        """Optimise and make ready, with `sizes` fixed beforehand.

        Raises:
            EngineError: tract cannot prepare it.
        """
        model = self._load()
        try:
            if sizes:
                model.transform(tract.SetSymbols(dict(sizes)))
            return Runnable(model.into_runnable())
        except tract.TractError as error:
            raise _translated("tract cannot prepare the model", error) from error

    def pulsed(self, symbol: str, pulse: int) -> Model:
        """The pulsed form, written back to an archive of the engine's own text.

        Raises:
            EngineError: tract cannot pulse it, or cannot write what came out.
        """
        model = self._load(writable=True)
        try:
            model.transform(tract.Pulse(pulse, symbol=symbol))
        except tract.TractError as error:
            raise _translated(f"tract cannot pulse the model by {symbol}={pulse}", error) from error
        return Model(_written(model))

    def rewritten(self) -> Model:
        """The same model in the engine's own text, with nothing else changed.

        Raises:
            EngineError: tract has no way to write one of its operators.
        """
        return Model(_written(self._load(writable=True)))

    def _load(self, *, writable: bool = False) -> Any:
        archive = Archive.from_bytes(self.archive).writable().to_bytes() if writable else None
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model.nnef.tgz")
            path.write_bytes(archive or self.archive)
            try:
                return _nnef().load(path)
            except tract.TractError as error:
                raise _translated("tract cannot load the model", error) from error


def imported(onnx: bytes, facts: Sequence[str]) -> bytes:
    """An ONNX model as an NNEF archive of the engine's own text.

    Args:
        onnx: the serialised model, weights inside.
        facts: of each input, such as `B,S,64,f32`.

    Raises:
        EngineError: tract cannot read it, or has no way to write one of its operators.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.onnx")
        path.write_bytes(onnx)
        try:
            model = tract.onnx().load(path)
            for i, fact in enumerate(facts):
                model.set_input_fact(i, fact)
            for i in range(model.output_count()):
                model.set_output_fact(i, None)
            typed = model.into_model()
        except tract.TractError as error:
            raise _translated("tract cannot import the model", error) from error
    return _written(typed)


def zeros_like(port: Port, sizes: Mapping[str, int]) -> Array:
    """An input of zeros at given sizes."""
    shape = [it.at(sizes) for it in port.expressions()]
    kinds = {"i": "int", "u": "uint", "f": "float"}
    dtype = "bool" if port.dtype == "bool" else kinds[port.dtype[0]] + port.dtype[1:]
    zeros: Array = np.zeros(shape, dtype)
    return zeros


def _nnef() -> Any:
    # The registries of the browser's engine: what loads here loads there.
    return tract.nnef().with_tract_extra().with_tract_transformers().with_pulse()


def _written(model: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.nnef.tgz")
        try:
            _nnef().write_model_to_tar_gz(model, path)
        except tract.TractError as error:
            raise _translated("tract cannot write the model", error) from error
        return Archive.from_bytes(path.read_bytes()).to_bytes()


def _port(name: str, fact: Any) -> Port:
    dims = tuple(str(dim) for dim in fact.dims())
    try:
        return Port(name, dims, tract.DatumType(fact.datum_type()).name.lower())
    except tract.TractError:
        # Sizes computed inside a model have a type of their own, which the binding cannot name.
        return Port(name, dims, "tdim")


def _translated(what: str, error: Exception) -> EngineError:
    # tract prints its chain of causes, then a backtrace that says nothing about the model.
    text = str(error).split("Stack backtrace:")[0]
    lines = (re.sub(r"^\s*\d+:\s*", "", line).strip() for line in text.splitlines())
    chain = tuple(
        line for line in lines if line and line != "Caused by:" and "/" + "tmp" not in line
    )
    innermost = chain[-1] if chain else "no reason given"
    return EngineError(f"{what}: {innermost}", chain)
