"""NNEF's binary tensors: a header of 128 bytes, then values in row-major order, little endian."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from nnef_pulse.nnef.errors import NnefFormatError

_HEADER = struct.Struct("<2s2BII8IIHH")
_SIZE = 128
# tract marks types of its own with this vendor (tract-nnef, tensors.rs).
_TRACT = ord("T") << 8 | ord("R")

_FLOAT, _UNSIGNED, _QUANTISED_UNSIGNED, _QUANTISED_SIGNED, _SIGNED, _BOOL = range(6)
_KINDS = {
    _FLOAT: "f",
    _UNSIGNED: "u",
    _QUANTISED_UNSIGNED: "u",
    _QUANTISED_SIGNED: "i",
    _SIGNED: "i",
}
_CODES = {
    "f32": "f",
    "f64": "d",
    "u8": "B",
    "u16": "H",
    "u32": "I",
    "u64": "Q",
    "i8": "b",
    "i16": "h",
    "i32": "i",
    "i64": "q",
}
_BLOCK_QUANTISED = {0x2040: "q4_0", 0x3040: "q4_0", 0x3080: "q8_1", 0x3081: "q8_1"}
_STRING = 0x1000


@dataclass(frozen=True)
class Tensor:
    """A tensor of an archive; its values are decoded when asked for."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    """f16 f32 f64, i8 to i64, u8 to u64, bool, string, or a block-quantised format's name."""
    data: bytes
    bits: int
    """Per value; 0 where values have no fixed size."""

    @property
    def count(self) -> int:
        """How many values it has."""
        return prod(self.shape)

    def values(self) -> Sequence[Any]:
        """All values in row-major order, flat: an `array`, or a list of bools or strings.

        Raises:
            NnefFormatError: the dtype is named but not decoded (block-quantised).
        """
        if self.dtype in _CODES:
            values = array(_CODES[self.dtype])
            values.frombytes(self.data)
            if sys.byteorder == "big":
                values.byteswap()
            return values
        if self.dtype == "f16":
            return array("f", (it for (it,) in struct.iter_unpack("<e", self.data)))
        if self.dtype == "bool":
            if self.bits == 8:
                return [byte != 0 for byte in self.data]
            return [bool(self.data[n // 8] >> (7 - n % 8) & 1) for n in range(self.count)]
        if self.dtype == "string":
            return self._strings()
        raise NnefFormatError(f"{self.name} is {self.dtype}: its values are not decoded")

    def _strings(self) -> list[str]:
        found, at = [], 0
        for _ in range(self.count):
            if at + 4 > len(self.data):
                raise NnefFormatError(f"{self.name}.dat ends inside a string")
            (length,) = struct.unpack_from("<I", self.data, at)
            found.append(self.data[at + 4 : at + 4 + length].decode("utf-8", "replace"))
            at += 4 + length
        return found


def read_tensor(name: str, data: bytes) -> Tensor:
    """Read a `.dat` file.

    Raises:
        NnefFormatError: no NNEF header, an unknown type, or fewer bytes than the shape needs.
    """
    if len(data) < _SIZE:
        raise NnefFormatError(f"{name}.dat has {len(data)} bytes, fewer than its header")
    magic, major, _, length, rank, *dims, bits, kind, vendor = _HEADER.unpack_from(data)
    if magic != b"N\xef" or major != 1:
        raise NnefFormatError(f"{name}.dat is no NNEF 1.0 tensor: it starts with {data[:4]!r}")
    if rank > 8:
        raise NnefFormatError(f"{name}.dat claims rank {rank}; NNEF has at most 8")
    shape = tuple(dims[:rank])
    body = data[_SIZE : _SIZE + length]
    if len(body) < length:
        raise NnefFormatError(f"{name}.dat is cut: {len(body)} of {length} bytes of values")
    dtype, size = _type(name, kind, vendor, bits)
    if size and -(-prod(shape) * size // 8) != length:
        raise NnefFormatError(
            f"{name}.dat holds {length} bytes where {list(shape)} of {dtype} needs "
            f"{-(-prod(shape) * size // 8)}"
        )
    return Tensor(name, shape, dtype, body, size)


def _type(name: str, kind: int, vendor: int, bits: int) -> tuple[str, int]:
    if vendor == _TRACT:
        if kind == _STRING:
            return "string", 0
        if kind in _BLOCK_QUANTISED:
            return _BLOCK_QUANTISED[kind], 0
        if kind in (_FLOAT, _SIGNED) and bits in (32, 64, 128):
            return f"complex{'' if kind == _FLOAT else '_i'}{bits}", bits
    if vendor == 0:
        if kind == _BOOL and bits in (1, 8):
            return "bool", bits
        dtype = f"{_KINDS.get(kind, '?')}{bits}"
        if dtype in _CODES or dtype == "f16":
            return dtype, bits
    raise NnefFormatError(f"{name}.dat has an unknown type: {kind} of vendor {vendor}, {bits} bits")
