"""Tensors: bytes with a type and a shape."""

from __future__ import annotations

from enum import IntEnum
from math import prod
from typing import Any

from tract.errors import TractError


class DatumType(IntEnum):
    """Item types, numbered as PyPI's package numbers them."""

    BOOL = 0x01
    U8 = 0x11
    U16 = 0x12
    U32 = 0x14
    U64 = 0x18
    I8 = 0x21
    I16 = 0x22
    I32 = 0x24
    I64 = 0x28
    F16 = 0x32
    F32 = 0x34
    F64 = 0x38

    def __str__(self) -> str:
        return self.name

    def is_bool(self) -> bool:
        """Whether items are true or false."""
        return self is DatumType.BOOL

    def is_number(self) -> bool:
        """Whether items are numbers."""
        return self is not DatumType.BOOL

    def is_float(self) -> bool:
        """Whether items are floating point."""
        return self.name.startswith("F")

    def is_signed(self) -> bool:
        """Whether items are signed whole numbers."""
        return self.name.startswith("I")

    def is_unsigned(self) -> bool:
        """Whether items are unsigned whole numbers."""
        return self.name.startswith("U")


# struct's letters; those of a C type whose width differs between platforms are read only.
_FORMATS = {
    DatumType.BOOL: "?",
    DatumType.U8: "B",
    DatumType.U16: "H",
    DatumType.U32: "I",
    DatumType.U64: "Q",
    DatumType.I8: "b",
    DatumType.I16: "h",
    DatumType.I32: "i",
    DatumType.I64: "q",
    DatumType.F16: "e",
    DatumType.F32: "f",
    DatumType.F64: "d",
}


def _type_of(view: memoryview) -> DatumType:
    letter = view.format.lstrip("@=<")
    kind = {"l": "i", "L": "u", "q": "i", "Q": "u"}.get(letter)
    if kind:
        return DatumType[f"{kind.upper()}{view.itemsize * 8}"]
    for known, spelt in _FORMATS.items():
        if spelt == letter:
            return known
    raise TractError(f"tensors cannot be made of items of format {view.format!r}")


class Tensor:
    """A tensor. `to_numpy` gives a memory view here, which has `shape`, `tolist()` and indices."""

    def __init__(self, dtype: DatumType, shape: tuple[int, ...], data: bytes) -> None:
        self._dtype = dtype
        self._shape = shape
        self._data = data

    @staticmethod
    def from_numpy(array: Any) -> Tensor:
        """A tensor of anything with a buffer.

        Raises:
            TractError: its items are of no type the engine has.
        """
        view = memoryview(array)
        return Tensor(_type_of(view), tuple(view.shape), view.tobytes())

    def to_numpy(self) -> memoryview:
        """The items, row-major, in their shape."""
        flat = memoryview(self._data)
        letter = _FORMATS[self._dtype]
        if not self._shape or prod(self._shape) == 0:
            return flat.cast(letter)
        return flat.cast(letter, self._shape)

    def into_numpy(self) -> memoryview:
        """As `to_numpy`."""
        return self.to_numpy()

    def datum_type(self) -> DatumType:
        """The item type."""
        return self._dtype

    @property
    def parts(self) -> tuple[str, tuple[int, ...], bytes]:
        """Dtype as the engine spells it, shape and bytes."""
        return self._dtype.name.lower(), self._shape, self._data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tensor) and self.parts == other.parts

    __hash__ = None  # type: ignore[assignment]  # compared by content, as PyPI's are

    def dump(self) -> str:
        """Shape, type and the first items."""
        items = memoryview(self._data).cast(_FORMATS[self._dtype])
        first = ", ".join(str(it) for it in items[:12])
        more = ", ..." if len(items) > 12 else ""
        fact = ",".join([*map(str, self._shape), self._dtype.name])
        return f"{fact} {first}{more}"

    def __str__(self) -> str:
        return self.dump()

    __repr__ = __str__
