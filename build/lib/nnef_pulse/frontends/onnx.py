"""The ONNX door: tract's own importer reads the file, onnxruntime says what it should compute.

No exporter's text exists for an ONNX file, so graph.nnef is the engine's own writing of it: the
names of inputs and outputs are the file's, those between are tract's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from nnef_pulse.engine import model as engine
from nnef_pulse.engine.model import Array
from nnef_pulse.errors import (
    AssertBrokenError,
    EngineError,
    ModeError,
    NnefPulseError,
    ProofError,
    UnsupportedError,
    UsageError,
)
from nnef_pulse.frontends.axes import Axes, DynamicAxes, check_axes, parse_rules, resolve_axes
from nnef_pulse.frontends.fixing import Fixed, Value, fixed
from nnef_pulse.frontends.onnx_file import Input, inputs_of, read, reopened
from nnef_pulse.frontends.onnx_fold import with_values
from nnef_pulse.frontends.onnx_rewrite import for_tract
from nnef_pulse.frontends.onnx_sizes import drawn, sizes_to_try
from nnef_pulse.frontends.source import Source
from nnef_pulse.nnef.archive import Archive

# Sizes onnxruntime may refuse before the model is said to run at none.
_TRIES = 64

_NODE = re.compile(r'node #\d+ "([^"]*)" (?:Unimplemented\()?([A-Za-z]\w*)')


def source(
    path: str | Path,
    *,
    axes: Axes | None = None,
    asserts: Sequence[str] = (),
    modes: Mapping[str, str | Sequence[str]] | None = None,
    example: Mapping[str, Array] | None = None,
    fix: Mapping[str, Value | Mapping[int, int]] | None = None,
) -> Source:
    """Read an ONNX file and import it with tract.

    Args:
        path: the file; external data is looked for beside it.
        axes: input name to axis to symbol. An axis the file itself leaves free is a symbol
            without being named here: the file's own name for it, or the input's name and the
            axis. Naming one renames it wherever the file uses the same name.
        asserts: comparisons over the symbols.
        modes: mode name to comparisons.
        example: input name to array; without it, arrays are drawn from a fixed seed, at the
            first sizes onnxruntime runs the model with.
        fix: input name to a value for all of it, or to axis and size.

    Raises:
        SourceError: no such file, or it is no ONNX.
        UsageError: axes, asserts, modes or the example make no sense for this model.
        UnsupportedError: tract or onnxruntime do not take an operator or a type; named.
    """
    model = read(Path(path))
    ports = inputs_of(model)
    chosen = fixed(fix or {}, {port.name: len(port.dims) for port in ports}, axes or {})
    ports = tuple(_with_sizes(port, chosen.sizes.get(port.name, {})) for port in ports)
    values = {port.name: _filled(port, chosen) for port in ports if port.name in chosen.values}
    ports = _opened([port for port in ports if port.name not in values], axes or {})
    model = with_values(reopened(model, ports), values)
    session = _session(model)
    found, dims = _example(session, ports, asserts, modes or {}, example)
    archive = _imported(model, ports)

    # tract writes names as NNEF identifiers: `input.1` becomes `input_1`.
    names, results = archive.ports()
    ours = dict(zip((port.name for port in ports), names, strict=True))
    theirs = {new: old for old, new in ours.items()}

    def run(arrays: Mapping[str, Array]) -> dict[str, Array]:
        try:
            outputs = session.run(None, {theirs[name]: arrays[name] for name in theirs})
        except Exception as error:  # onnxruntime's errors share no root of their own
            raise ProofError(f"onnxruntime cannot run it: {_first_line(error)}") from error
        return dict(zip(results, outputs, strict=True))

    return Source(
        framework=f"onnxruntime {onnxruntime.__version__}",
        described="An ONNX model; its graph.nnef is the engine's own text, as tract imported it.",
        example={ours[name]: array for name, array in found.items()},
        dims=DynamicAxes(
            {ours[name]: named for name, named in dims.axes.items()},
            dims.example,
            dims.asserts,
            dims.modes,
        ),
        archive=archive,
        run=run,
    )


def _with_sizes(port: Input, sizes: Mapping[int, int]) -> Input:
    dims = tuple(sizes.get(axis, dim) for axis, dim in enumerate(port.dims))
    return Input(port.name, port.dtype, dims)


def _filled(port: Input, chosen: Fixed) -> Array:
    shape = [dim for dim in port.dims if isinstance(dim, int)]
    if len(shape) < len(port.dims):
        axis = next(axis for axis, dim in enumerate(port.dims) if isinstance(dim, str))
        raise UsageError(
            f"{port.name} has a free axis {axis}: fix its size too, --fix {port.name}:{axis}=1"
        )
    return np.full(shape, chosen.values[port.name]).astype(port.dtype)


def _opened(ports: Sequence[Input], axes: Axes) -> tuple[Input, ...]:
    """Put the symbols asked for where the file has a size or a name of its own."""
    asked = resolve_axes({port.name: len(port.dims) for port in ports}, axes)
    renamed = {
        str(port.dims[axis]): symbol
        for port in ports
        for axis, symbol in asked.get(port.name, {}).items()
        if isinstance(port.dims[axis], str)
    }
    return tuple(
        Input(
            port.name,
            port.dtype,
            tuple(
                asked.get(port.name, {}).get(axis)
                or (renamed.get(dim, dim) if isinstance(dim, str) else dim)
                for axis, dim in enumerate(port.dims)
            ),
        )
        for port in ports
    )


def _session(model: onnx.ModelProto) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's errors share no root of their own
        raise UnsupportedError(
            f"onnxruntime does not take the model: {_first_line(error)}"
        ) from error


def _example(
    session: Any,
    ports: Sequence[Input],
    asserts: Sequence[str],
    modes: Mapping[str, str | Sequence[str]],
    given: Mapping[str, Array] | None,
) -> tuple[dict[str, Array], DynamicAxes]:
    """Arrays the model runs with, and the dimensions checked against them."""
    axes = {port.name: port.symbols for port in ports if port.symbols}
    if given is not None:
        arrays = _checked(given, ports)
        return arrays, check_axes(_shapes(arrays), axes, asserts, modes)
    tries = list(sizes_to_try(ports))
    excluded: NnefPulseError | None = None
    try:
        check_axes(_shapes(drawn(ports, tries[0])), axes, asserts, modes)
    except (AssertBrokenError, ModeError) as error:
        excluded = error
    rules = parse_rules(axes, tries[0], asserts, modes)
    refused: list[Exception] = []
    for sizes in filter(rules.allows, tries):
        arrays = drawn(ports, sizes)
        try:
            session.run(None, arrays)
        except Exception as error:  # onnxruntime's errors share no root of their own
            refused.append(error)
            if len(refused) == _TRIES:
                break
            continue
        return arrays, check_axes(_shapes(arrays), axes, asserts, modes)
    if excluded and not refused:
        raise excluded
    raise UnsupportedError(
        f"onnxruntime runs the model at none of the sizes tried: {_first_line(refused[0])}"
    )


def _shapes(arrays: Mapping[str, Array]) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in arrays.items()}


def _checked(given: Mapping[str, Array], ports: Sequence[Input]) -> dict[str, Array]:
    arrays = {}
    for port in ports:
        if port.name not in given:
            raise UsageError(f"the example has no array for input {port.name}")
        array = given[port.name]
        if array.ndim != len(port.dims) or array.dtype != port.dtype:
            raise UsageError(
                f"the example's {port.name} is {array.dtype} with {array.ndim} axes, "
                f"the model takes {port.dtype} with {len(port.dims)}"
            )
        arrays[port.name] = array
    return arrays


def _imported(model: onnx.ModelProto, ports: Sequence[Input]) -> Archive:
    try:
        data = engine.imported(for_tract(model).SerializeToString(), [port.fact for port in ports])
    except EngineError as error:
        node = next(filter(None, map(_NODE.search, error.chain)), None)
        where = f"{node[2]} (node {node[1]!r})" if node else "the model"
        reason = error.chain[-1] if error.chain else error
        if node and node[2] == "If":
            reason = (
                "the branch it takes depends on an input or on an open size; fix that with "
                "--fix INPUT=VALUE or --fix INPUT:AXIS=SIZE"
            )
        raise UnsupportedError(f"tract cannot import {where}: {reason}") from error
    return Archive.from_bytes(data)


def _first_line(error: object) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
