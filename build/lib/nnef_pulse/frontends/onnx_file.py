"""Reads an ONNX file: its inputs, their types and sizes, and which sizes it leaves free."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from numpy.typing import DTypeLike

from nnef_pulse.errors import SourceError, SymbolError, UnsupportedError
from nnef_pulse.nnef.dimensions import check_symbol

_TENSOR = onnx.TensorProto
_DTYPES: dict[int, str] = {
    _TENSOR.FLOAT: "float32",
    _TENSOR.FLOAT16: "float16",
    _TENSOR.DOUBLE: "float64",
    _TENSOR.INT8: "int8",
    _TENSOR.INT16: "int16",
    _TENSOR.INT32: "int32",
    _TENSOR.INT64: "int64",
    _TENSOR.UINT8: "uint8",
    _TENSOR.UINT16: "uint16",
    _TENSOR.UINT32: "uint32",
    _TENSOR.UINT64: "uint64",
    _TENSOR.BOOL: "bool",
}
_SHORT = {"float": "f", "int": "i", "uint": "u", "bool": "bool"}


@dataclass(frozen=True)
class Input:
    """An input of the graph; `dims` holds a size, or the symbol of a free one."""

    name: str
    dtype: np.dtype[np.generic]
    dims: tuple[int | str, ...]

    @property
    def symbols(self) -> dict[int, str]:
        """Axis to symbol, of the free axes."""
        return {axis: dim for axis, dim in enumerate(self.dims) if isinstance(dim, str)}

    @property
    def fact(self) -> str:
        """As tract reads it: `B,S,64,f32`."""
        kind, bits = re.fullmatch(r"([a-z]+)(\d*)", self.dtype.name).groups()  # type: ignore[union-attr]
        return ",".join([*map(str, self.dims), _SHORT[kind] + bits])


def read(path: Path) -> onnx.ModelProto:
    """Read a file and the external data beside it.

    Raises:
        SourceError: it cannot be read, or is no ONNX.
    """
    try:
        model = onnx.load(path)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from error
    except (DecodeError, ValueError, onnx.checker.ValidationError) as error:
        raise SourceError(f"{path} is no ONNX file: {error}") from error
    if not model.graph.output:
        raise SourceError(f"{path} is no ONNX file: it holds no graph with an output")
    return model


def inputs_of(model: onnx.ModelProto) -> tuple[Input, ...]:
    """The graph's inputs without its weights, in the file's order.

    Raises:
        UnsupportedError: an input is no tensor of numbers, or has no known number of axes.
    """
    weights = {it.name for it in model.graph.initializer}
    return tuple(_input(it) for it in model.graph.input if it.name not in weights)


def reopened(model: onnx.ModelProto, inputs: Sequence[Input]) -> onnx.ModelProto:
    """The same model with inputs of these dims, and no claim left about any other size.

    What the file says of sizes between and after was worked out for its own; names, comments and
    properties that say who made it where are left out.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    named = {it.name: it for it in inputs}
    for value in copy.graph.input:
        if value.name in named:
            shape = value.type.tensor_type.shape
            shape.Clear()
            for dim in named[value.name].dims:
                part = shape.dim.add()
                if isinstance(dim, str):
                    part.dim_param = dim
                else:
                    part.dim_value = dim
    for value in copy.graph.output:
        value.type.tensor_type.ClearField("shape")
    del copy.graph.value_info[:]
    del copy.metadata_props[:]
    for field in ("doc_string", "producer_name", "producer_version", "domain", "model_version"):
        copy.ClearField(field)
    return copy


def _input(value: onnx.ValueInfoProto) -> Input:
    if value.type.WhichOneof("value") != "tensor_type":
        raise UnsupportedError(f"input {value.name} is no tensor: only tensors can go in")
    tensor = value.type.tensor_type
    if tensor.elem_type not in _DTYPES:
        kind = _TENSOR.DataType.Name(tensor.elem_type)
        raise UnsupportedError(f"input {value.name} is of type {kind}, which tract does not take")
    if not tensor.HasField("shape"):
        raise UnsupportedError(
            f"input {value.name} does not say how many axes it has: give it a shape in the file"
        )
    dims = tuple(_dim(value.name, axis, dim) for axis, dim in enumerate(tensor.shape.dim))
    dtype: DTypeLike = _DTYPES[tensor.elem_type]
    return Input(value.name, np.dtype(dtype), dims)


def _dim(name: str, axis: int, dim: onnx.TensorShapeProto.Dimension) -> int | str:
    if dim.dim_value > 0:
        return int(dim.dim_value)
    try:
        return check_symbol(dim.dim_param)
    except SymbolError:
        # Unnamed, or named by an expression: the place it stands at names it.
        return re.sub(r"\W|^(?![A-Za-z])", "_", f"{name}_{axis}").lstrip("_") or f"D{axis}"
