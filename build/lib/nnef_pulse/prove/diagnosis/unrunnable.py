"""Names the operation with which the engine cannot load or run the whole model."""

from __future__ import annotations

from nnef_pulse.engine.facts import Array, Description
from nnef_pulse.engine.model import Model
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.engine.taps import computed, tap
from nnef_pulse.errors import EngineError, FrozenDimError, NnefPulseError, UnsupportedError
from nnef_pulse.frontends.source import Source
from nnef_pulse.nnef.dimensions import Sizes
from nnef_pulse.prove.comparison import run_once
from nnef_pulse.prove.diagnosis.first_apart import bisected, dependent, values_of
from nnef_pulse.prove.diagnosis.places import name_place, step_of
from nnef_pulse.prove.sample_inputs import Inputs

_UNREADABLE = "Unsupported DatumType"


def diagnose_whole(source: Source, problem: NnefPulseError) -> NnefPulseError:
    """What the engine cannot load or run, by its place; the problem itself where none is found."""
    example = dict(source.example)
    try:
        found = run_isolated(
            _first_unrunnable, source.archive.to_bytes(), example, source.dims.example
        )
    except NnefPulseError:
        found = None
    if found is None:
        return problem
    op, wire, values = found
    step = step_of(op, values, source.steps()) if source.steps else None
    where = name_place(step) if step else f"{op} at {wire}"
    symbols = " and ".join(source.dims.symbols)
    if isinstance(problem, FrozenDimError):
        return FrozenDimError(f"{where}: {problem}")
    return UnsupportedError(
        f"the engine cannot run {where} while {symbols} stays open; apply it along an axis of "
        "fixed size, or leave it out of the exported model"
    )


class _Runs:
    """What the engine says of the model cut after a wire, loaded and run on the example."""

    def __init__(self, whole: Model, example: Inputs) -> None:
        self._whole, self._example = whole, example
        self._found: dict[str, EngineError | None] = {}

    def problem(self, wire: str) -> EngineError | None:
        if wire not in self._found:
            self._found[wire] = None
            try:
                run_once(tap(self._whole, [wire]), self._example)
            except EngineError as error:
                # Sizes computed inside a model cannot be read outside of the engine.
                if not any(_UNREADABLE in line for line in error.chain):
                    self._found[wire] = error
        return self._found[wire]


def _first_unrunnable(
    archive: bytes, example: Inputs, sizes: Sizes
) -> tuple[str, str, tuple[Array, ...]] | None:
    # The description of a model that may not load is never asked for.
    whole = Model(archive, Description((), (), None, None))
    graph = whole.text.graph
    among = dependent(graph, graph.inputs)
    wire = bisected(graph, computed(graph), among, _Runs(whole, example))
    if not wire:
        return None
    return graph.producers[wire].op, wire, values_of(whole, wire, example, sizes)
