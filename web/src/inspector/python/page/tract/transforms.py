"""Transformations with their parameters."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod


class TransformSpec(ABC):
    """What `Model.transform` takes beside a name or JSON."""

    @abstractmethod
    def to_json(self) -> str:
        """The transformation as JSON."""


class SetSymbols(TransformSpec):
    """Fixes symbols to numbers."""

    def __init__(self, values: dict[str, int | str] | None = None) -> None:
        self._values = dict(values or {})

    def value(self, symbol: str, val: int | str) -> SetSymbols:
        """Fixes one more."""
        self._values[symbol] = val
        return self

    def to_json(self) -> str:
        """The transformation as JSON."""
        return json.dumps({"name": "set_symbols", "values": self._values})


class Pulse(TransformSpec):
    """Cuts the model to take some frames at a time."""

    def __init__(self, pulse: str | int, *, symbol: str | None = None) -> None:
        self._pulse = str(pulse)
        self._symbol = symbol

    def symbol(self, symbol: str) -> Pulse:
        """The symbol that is time."""
        self._symbol = symbol
        return self

    def to_json(self) -> str:
        """The transformation as JSON."""
        named = {} if self._symbol is None else {"symbol": self._symbol}
        return json.dumps({"name": "pulse", "pulse": self._pulse, **named})
