"""Finds GELU by tanh (Hendrycks & Gimpel, 2016, arXiv:1606.08415) where a graph spells it out.

Libraries write it in many ways: powers or products, halves first or last. So it is told by what it
computes, not by how it is written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.graph import Operation

_BINARY: Mapping[str, Callable[[float, float], float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
}
_UNARY: Mapping[str, Callable[[float], float]] = {"tanh": math.tanh, "sqr": lambda a: a * a}
# What torch_to_nnef puts around a number until its type and rank fit.
_FITTING = ("unsqueeze", "tract_core_cast")
_AT = (-3.3, -1.7, -0.6, -0.1, 0.2, 0.9, 1.8, 3.1)
_CLOSE = 1e-6
"""Apart at most: more than spellings differ by, less than any other function does."""
_STEPS = 16
"""Operations that a spelling may take; the shortest takes eight."""


def spelled_out_gelus(archive: Archive) -> list[tuple[str, str]]:
    """Names of what goes in and of what comes out, for each GELU spelt in elementwise operations.

    Raises:
        NnefError: the text or a tensor cannot be read.
    """
    graph = archive.graph
    readers: dict[str, list[Operation]] = {}
    for it in graph.operations:
        for name in it.inputs:
            readers.setdefault(name, []).append(it)
    spelling = _Spelling(archive)
    tanhs = [it for it in graph.operations if it.op == "tanh"]
    found = (next(spelling.around(it, readers), None) for it in tanhs)
    return [it for it in found if it is not None]


class _Spelling:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._producers = archive.graph.producers

    def around(
        self, tanh: Operation, readers: Mapping[str, Sequence[Operation]]
    ) -> Iterator[tuple[str, str]]:
        """Pairs of names around that operation between which GELU is computed, nearest first."""
        above = self._above(tanh)
        [end] = tanh.outputs
        for _ in range(_STEPS):
            after = readers.get(end, [])
            if len(after) != 1 or after[0].op not in _BINARY:
                return
            [end] = after[0].outputs
            yield from ((start, end) for start in above if self._is_gelu(start, end))

    def _above(self, operation: Operation) -> list[str]:
        names = dict.fromkeys(operation.inputs)
        for _ in range(_STEPS):
            made = (self._producers.get(name) for name in tuple(names))
            elementwise = [it for it in made if it and (it.op in _BINARY or it.op in _UNARY)]
            names |= dict.fromkeys(name for it in elementwise for name in it.inputs)
        return list(names)

    def _is_gelu(self, start: str, end: str) -> bool:
        try:
            return all(abs(self._value(end, {start: x}) - _gelu(x)) < _CLOSE for x in _AT)
        except (_OtherError, ArithmeticError):
            return False

    def _value(self, name: object, known: dict[object, float], left: int = 3 * _STEPS) -> float:
        """What a wire, or a literal, holds where others hold what is `known`.

        `left` bounds how deep it looks.
        """
        if name not in known:
            known[name] = self._computed(name, known, left)
        return known[name]

    def _computed(self, name: object, known: dict[object, float], left: int) -> float:
        if isinstance(name, (int, float)):
            return float(name)
        it = self._producers.get(str(name))
        if it is None or left == 0:
            raise _OtherError
        if it.op == "variable":
            return self._number(it)
        if it.op in _FITTING:
            literals = (v for v in it.attributes.values() if isinstance(v, (int, float)))
            return self._value(next(iter((*it.inputs, *literals)), None), known, left - 1)
        values = [self._value(argument, known, left - 1) for argument in it.inputs]
        if len(values) == 2 and it.op in _BINARY:
            return _BINARY[it.op](*values)
        if len(values) == 1 and it.op in _UNARY:
            return _UNARY[it.op](*values)
        raise _OtherError

    def _number(self, variable: Operation) -> float:
        tensor = self._archive.tensors[str(variable.attributes["label"])]
        if math.prod(tensor.shape) != 1:
            raise _OtherError
        [number] = tensor.values()
        return float(number)


class _OtherError(Exception):
    """A wire is no function of the one that was asked about."""


def _gelu(x: float) -> float:
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
