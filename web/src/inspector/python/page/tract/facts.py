"""What is known of a tensor before it is there."""

from __future__ import annotations

from tract.errors import TractError
from tract.tensors import DatumType


class Dim:
    """A size: a number, or an expression over symbols."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__

    def to_int64(self) -> int:
        """The number it is.

        Raises:
            TractError: it has a symbol in it.
        """
        try:
            return int(self._text)
        except ValueError:
            raise TractError(f"{self._text} is no number: it has a symbol in it") from None

    __int__ = to_int64


class Fact:
    """Sizes and item type."""

    def __init__(self, dtype: str, dims: list[str]) -> None:
        self._dtype = DatumType[dtype.upper()]
        self._dims = dims

    def datum_type(self) -> int:
        """The item type."""
        return self._dtype

    def rank(self) -> int:
        """How many axes."""
        return len(self._dims)

    def dim(self, axis: int) -> Dim:
        """The size of an axis."""
        return Dim(self._dims[axis])

    def dims(self) -> list[Dim]:
        """The sizes of all axes."""
        return [Dim(it) for it in self._dims]

    def dump(self) -> str:
        """As tract prints it: `1,S,64,f32`."""
        return ",".join([*self._dims, self._dtype.name.lower()])

    def __str__(self) -> str:
        return self.dump()

    __repr__ = __str__
