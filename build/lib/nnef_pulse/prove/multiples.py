"""Finds the multiple that a model needs its open size to be, such as frames stacked by four."""

from __future__ import annotations

from dataclasses import dataclass

from nnef_pulse.engine.model import Model
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.errors import EngineError, NnefPulseError
from nnef_pulse.frontends.axes import split_multiple
from nnef_pulse.frontends.source import Source
from nnef_pulse.nnef.dimensions import Sizes
from nnef_pulse.nnef.text.tree import Assignment, Call, Expr, Operator, Reference, Several
from nnef_pulse.prove.comparison import run_each
from nnef_pulse.prove.sample_inputs import InputSampler
from nnef_pulse.prove.tolerance import difference

_FACTORS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 32, 64, 128, 256)
# Enough to tell a multiple that a model needs from one at which it happens to load.
_TRIED = (1, 2, 3, 5)
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Multiple:
    """`factor` is the least that makes the model right at several sizes."""

    input: str
    axis: int
    symbol: str
    factor: int

    @property
    def option(self) -> str:
        """The option that declares it."""
        return f"--axis {self.input}:{self.axis}={self.factor}*{self.symbol}"


def needed_multiple(source: Source) -> Multiple | None:
    """The least multiple of one open axis at which whole and source agree; None if there is none.

    Only a symbol on one axis of one input is tried: others need more than one option.
    """
    places = [
        (name, axis, size)
        for name, named in source.dims.axes.items()
        for axis, size in named.items()
    ]
    for name, axis, size in places:
        if sum(split_multiple(other[2])[1] == size for other in places) != 1:
            continue
        for factor in _FACTORS:
            if source.dims.example[size] % factor == 0 and _agrees(source, name, axis, factor):
                return Multiple(name, axis, size, factor)
    return None


def _agrees(source: Source, name: str, axis: int, factor: int) -> bool:
    symbol = source.dims.axes[name][axis]
    document = source.archive.document
    body = [
        _with_shape(it, Reference(symbol), Operator("*", (factor, Reference(symbol))))
        if it.targets == (name,)
        else it
        for it in document.graph.body or ()
    ]
    declared = document.with_graph(document.graph.with_body(body))
    draw = InputSampler(source.example, source.dims.axes)
    sizes: list[Sizes] = [{**source.dims.example, symbol: factor * n} for n in _TRIED]
    try:
        drawn = [draw(it) for it in sizes if source.dims.allows(it)]
        wanted = [source.run(inputs) for inputs in drawn]
        model = Model(source.archive.with_document(declared).to_bytes())
        results = run_isolated(run_each, model, drawn)
    except (NnefPulseError, RuntimeError, ValueError, IndexError):
        return False
    return bool(drawn) and all(
        not isinstance(got, EngineError)
        and got[it].shape == array.shape
        and difference(got[it], array) < _TOLERANCE
        for got, want in zip(results, wanted, strict=True)
        for it, array in want.items()
    )


def _with_shape(declaration: Assignment, symbol: Expr, size: Expr) -> Assignment:
    """The declaration of an input with another size in the place of a symbol."""
    match declaration.value:
        case Call(op, (("shape", Several(items, fixed)), *others)):
            sizes = Several(tuple(size if it == symbol else it for it in items), fixed)
            return Assignment(declaration.target, Call(op, (("shape", sizes), *others)))
    return declaration
