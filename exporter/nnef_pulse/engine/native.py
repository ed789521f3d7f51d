"""Calls into tract's Python package: the only module that imports it.

These functions run in the calling process. For a model that is not yet checked, call them through
`nnef_pulse.engine.process.run_isolated`; `nnef_pulse.engine.model.Model` does so.
"""

from __future__ import annotations

import functools
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nnef_pulse.engine.facts import Array, Description, Port, Streaming
from nnef_pulse.errors import EngineError
from nnef_pulse.extras import missing_extra
from nnef_pulse.nnef import NnefSyntaxError
from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.rewrite import assigns_twice, readable, unnested, writable

try:
    import tract
except ModuleNotFoundError as error:
    raise missing_extra(error) from error


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


def describe(archive: bytes) -> Description:
    """Load a model and give its inputs, outputs and streaming properties.

    Raises:
        EngineError: tract cannot load it.
        NnefError: it is not an archive, or its text has no graph.
    """
    own = Archive.from_bytes(archive)
    try:
        read = readable(own)
    except NnefSyntaxError:
        # tract's own reason comes first, where it refuses the text too.
        _load(archive)
        raise
    other = None if read is own else read.to_bytes()
    model = _load(other or archive)
    # tract renames outputs after the operator that makes them; the text keeps their names.
    inputs, outputs = own.ports()
    return Description(
        tuple(_port(name, model.input_fact(i)) for i, name in enumerate(inputs)),
        tuple(_port(name, model.output_fact(i)) for i, name in enumerate(outputs)),
        _streaming(model),
        other,
    )


def prepare(archive: bytes, sizes: Mapping[str, int] | None = None) -> Runnable:
    """Optimise and make ready, with `sizes` fixed beforehand.

    Raises:
        EngineError: tract cannot load or prepare it.
    """
    model = _load(archive)
    try:
        if sizes:
            model.transform(tract.SetSymbols(dict(sizes)))
        return Runnable(model.into_runnable())
    except tract.TractError as error:
        raise _translated("tract cannot prepare the model", error) from error


def pulse(archive: bytes, symbol: str, size: int) -> tuple[bytes, Description]:
    """The pulsed form, written back to an archive of the engine's own text.

    Raises:
        EngineError: tract cannot pulse it, or cannot write what came out.
    """

    def pulsed(source: Archive) -> Any:
        model = _load(source.to_bytes())
        try:
            model.transform(tract.Pulse(size, symbol=symbol))
        except tract.TractError as error:
            raise _translated(f"tract cannot pulse the model by {symbol}={size}", error) from error
        return model

    return _rewritten(archive, pulsed)


def rewrite(archive: bytes) -> tuple[bytes, Description]:
    """The same model in the engine's own text, with nothing else changed.

    Raises:
        EngineError: tract has no way to write one of its operators.
    """
    return _rewritten(archive, lambda source: _load(source.to_bytes()))


def import_onnx(onnx: bytes, facts: Sequence[str]) -> tuple[bytes, Description]:
    """An ONNX model as an NNEF archive of the engine's own text.

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
    return _described(_written(typed))


@functools.cache
def _nnef() -> Any:
    # Parses tract's standard library, which takes longer than to load a small model.
    # The registries of the browser's engine: what loads here loads there.
    return tract.nnef().with_tract_extra().with_tract_transformers().with_pulse()


def _load(archive: bytes) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.nnef.tgz")
        path.write_bytes(archive)
        try:
            return _nnef().load(path)
        except tract.TractError as error:
            raise _translated("tract cannot load the model", error) from error


def _rewritten(archive: bytes, load: Callable[[Archive], Any]) -> tuple[bytes, Description]:
    source = writable(Archive.from_bytes(archive))
    found = _written(load(source))
    if assigns_twice(found):
        found = _written(load(unnested(source)))
    return _described(found)


def _described(archive: Archive) -> tuple[bytes, Description]:
    data = archive.to_bytes()
    return data, describe(data)


def _written(model: Any) -> Archive:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.nnef.tgz")
        try:
            _nnef().write_model_to_tar_gz(model, path)
        except tract.TractError as error:
            raise _translated("tract cannot write the model", error) from error
        return Archive.from_bytes(path.read_bytes())


def _streaming(model: Any) -> Streaming | None:
    if "pulse.delay" not in model.property_keys():
        return None

    def numbers(key: str) -> tuple[int, ...]:
        try:
            return tuple(int(n) for n in model.property(f"pulse.{key}").to_numpy().ravel())
        except tract.TractError as error:
            raise _translated(f"tract cannot read the property pulse.{key}", error) from error

    delays, input_axes, output_axes = map(numbers, ("delay", "input_axes", "output_axes"))
    counts = model.input_count(), model.output_count()
    if (len(input_axes), len(output_axes)) != counts or len(delays) != len(output_axes):
        raise EngineError(
            f"the pulsed model states {len(delays)} delays, {len(input_axes)} input axes and "
            f"{len(output_axes)} output axes for {counts[0]} inputs and {counts[1]} outputs"
        )
    return Streaming(delays, input_axes, output_axes)


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
