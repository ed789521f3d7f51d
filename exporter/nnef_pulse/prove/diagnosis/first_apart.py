"""Finds the first operation that cannot be streamed, or whose stream differs from the whole."""

from __future__ import annotations

from dataclasses import dataclass

from nnef_pulse.engine.model import Array, Model
from nnef_pulse.engine.taps import facts, tap
from nnef_pulse.errors import EngineError, NnefPulseError, ProofError
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.nnef import Graph, Operation
from nnef_pulse.prove.comparison import run_once
from nnef_pulse.prove.sample_inputs import InputSampler
from nnef_pulse.prove.stream_proof import compare_stream, runs_of_stream
from nnef_pulse.prove.streaming import Pulsed
from nnef_pulse.prove.tolerance import Tolerance

_NO_LENGTH = ("shape_of", "tract_core_shape_of")


@dataclass(frozen=True)
class Blame:
    """The operation at fault: the model cut after it fails, cut before it does not."""

    operation: Operation
    wire: str
    dims: tuple[str, ...]
    """Of the wire, as tract prints them."""
    problem: EngineError | ProofError
    """What the cut model gives."""
    module: str
    """The path of the module whose weights the operation reads, empty where it reads none."""
    value: Array | None
    """The wire's value on the example, where it can be computed."""


def first_apart(
    whole: Model, dims: DynamicAxes, symbol: str, pulse: int, draw: InputSampler
) -> Blame | None:
    """The first operation at fault, confirmed by streaming the model cut after it.

    Bisects the wires in the text's order, then goes up from the one found for as long as one of
    the wires it reads fails too: in a graph of branches the text's order alone proves nothing.
    """
    graph = whole.text.graph
    sizes = facts(whole)
    cuts = _Cuts(whole, dims, symbol, pulse, draw)
    failing = next((name for name in graph.outputs if cuts.problem(name)), None)
    if failing is None:
        return None
    before = _ancestors(graph, failing, _dependent(graph, whole, symbol))
    streaming = [name for name in sizes if name in before]
    low, high = 0, len(streaming) - 1
    while low < high:
        middle = (low + high) // 2
        if cuts.problem(streaming[middle]):
            high = middle
        else:
            low = middle + 1
    wire = streaming[low] if streaming and cuts.problem(streaming[low]) else failing
    while True:
        reads = (name for name in graph.producers[wire].inputs if name in before)
        earlier = next(filter(cuts.problem, reads), None)
        if earlier is None:
            break
        wire = earlier
    problem = cuts.problem(wire)
    assert problem is not None
    return Blame(
        graph.producers[wire],
        wire,
        sizes.get(wire, ()),
        problem,
        _module(graph, graph.producers[wire]),
        _value(whole, wire, draw),
    )


class _Cuts:
    """What is wrong with the stream of the model cut after a wire, each found once."""

    def __init__(
        self, whole: Model, dims: DynamicAxes, symbol: str, pulse: int, draw: InputSampler
    ) -> None:
        self._whole, self._dims, self._draw = whole, dims, draw
        self._symbol, self._pulse = symbol, pulse
        self._found: dict[str, EngineError | ProofError | None] = {}

    def problem(self, wire: str) -> EngineError | ProofError | None:
        if wire not in self._found:
            self._found[wire] = self._stream(wire)
        return self._found[wire]

    def _stream(self, wire: str) -> EngineError | ProofError | None:
        try:
            part = tap(self._whole, [wire])
        except NnefPulseError:
            # Some wires exist only while the engine folds shapes: they are nobody's fault.
            return None
        try:
            it = Pulsed(self._symbol, self._pulse, part.pulsed(self._symbol, self._pulse))
            runs = runs_of_stream(it, self._dims, 1, self._draw)[:1]
            compare_stream(part, it, runs, self._draw, Tolerance())
        except (EngineError, ProofError) as error:
            return error
        return None


def _dependent(graph: Graph, whole: Model, symbol: str) -> set[str]:
    """Wires computed from what streams, not from its length alone."""
    found = {port.name for port in whole.inputs if symbol in " ".join(port.dims)}
    for operation in graph.operations:
        if operation.op not in _NO_LENGTH and found & set(operation.inputs):
            found |= set(operation.outputs)
    return found


def _ancestors(graph: Graph, wire: str, within: set[str]) -> set[str]:
    found: set[str] = set()
    pending = [wire]
    while pending:
        name = pending.pop()
        if name in found or name not in within or name not in graph.producers:
            continue
        found.add(name)
        pending += graph.producers[name].inputs
    return found - set(graph.inputs)


def _module(graph: Graph, operation: Operation) -> str:
    """From the labels of the weights an operation reads, through what only reshapes them."""
    pending = list(operation.inputs)
    for _ in range(64):
        if not pending:
            break
        producer = graph.producers.get(pending.pop(0))
        if producer is None:
            continue
        if producer.op == "variable":
            path, dot, _ = str(producer.attributes.get("label", "")).rpartition(".")
            if dot:
                return path
        elif producer.op != "external" and producer.op != "tract_core_external":
            streams = not all(
                graph.producers[name].op == "variable"
                for name in producer.inputs
                if name in graph.producers
            )
            pending += [] if streams else producer.inputs
    return ""


def _value(whole: Model, wire: str, draw: InputSampler) -> Array | None:
    try:
        return run_once(tap(whole, [wire]), draw.example)[wire]
    except NnefPulseError:
        return None
