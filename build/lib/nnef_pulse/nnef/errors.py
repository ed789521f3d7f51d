"""What reading NNEF can raise."""

from __future__ import annotations

from nnef_pulse.errors import UsageError


class NnefError(UsageError):
    """Root of everything this package raises on purpose."""

    code = "nnef"


class NnefSyntaxError(NnefError):
    """graph.nnef is not NNEF text.

    `line` and `column` count from 1; `expected` says what could have stood there.
    """

    code = "nnef-syntax"

    def __init__(self, line: int, column: int, found: str, expected: tuple[str, ...]) -> None:
        options = " or ".join(expected) or "nothing more"
        super().__init__(
            f"graph.nnef, line {line}, column {column}: found {found}, expected {options}"
        )
        self.line = line
        self.column = column
        self.found = found
        self.expected = expected

    def __reduce__(self) -> tuple[type[NnefSyntaxError], tuple[int, int, str, tuple[str, ...]]]:
        return type(self), (self.line, self.column, self.found, self.expected)


class NnefFormatError(NnefError):
    """An archive or a tensor file is not what its format says."""

    code = "nnef-format"
