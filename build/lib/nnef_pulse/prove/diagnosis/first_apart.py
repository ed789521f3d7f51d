"""Finds the first operation that cannot be streamed, or whose stream differs from the whole."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from nnef_pulse.engine.model import Array, Model
from nnef_pulse.engine.taps import facts, tap
from nnef_pulse.errors import EngineError, NnefPulseError, ProofError
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.nnef import Graph, Operation
from nnef_pulse.nnef.dimensions import Sizes
from nnef_pulse.prove.comparison import run_by_name
from nnef_pulse.prove.sample_inputs import Inputs, InputSampler
from nnef_pulse.prove.stream_proof import compare_stream, runs_of_stream
from nnef_pulse.prove.streaming import Pulsed
from nnef_pulse.prove.tolerance import Tolerance

_NODE = re.compile(r'node #\d+ "([^"]+)"', re.IGNORECASE)
# One operation of the source is at most about so many of the model's.
_FOLLOWING = 12
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
    values: tuple[Array, ...]
    """On the example, where they can be computed: of the wire, then of wires computed from it."""


def first_apart(
    whole: Model,
    dims: DynamicAxes,
    symbol: str,
    pulse: int,
    draw: InputSampler,
    tolerance: Tolerance,
    refusal: tuple[str, ...] = (),
) -> Blame | None:
    """The first operation at fault, confirmed by streaming the model cut after it.

    Args:
        whole: the model.
        dims: its open dimensions.
        symbol: the streaming symbol.
        pulse: in input frames.
        draw: the inputs it failed with.
        tolerance: the largest error of a cut model that counts as none.
        refusal: the engine's reasons, where it refused: the node they name is tried first.
    """
    graph = whole.text.graph
    sizes = facts(whole)
    cuts = _Cuts(whole, dims, symbol, pulse, draw, tolerance)
    wire = _named(graph, refusal)
    if not isinstance(wire and cuts.problem(wire), EngineError):
        streaming = (port.name for port in whole.inputs if symbol in " ".join(port.dims))
        wire = bisected(graph, list(sizes), dependent(graph, streaming), cuts)
    problem = cuts.problem(wire) if wire else None
    if problem is None:
        return None
    operation = graph.producers[wire]
    return Blame(
        operation,
        wire,
        sizes.get(wire, ()),
        problem,
        _module(graph, operation),
        values_of(whole, wire, draw.example, dims.example),
    )


def _named(graph: Graph, refusal: tuple[str, ...]) -> str:
    """The wire of the node that the engine's innermost reason names; empty where there is none."""
    for node in reversed([it[1] for it in map(_NODE.search, refusal) if it]):
        # The engine numbers what it splits a node into: `output.downsample.0`.
        parts = node.split(".")
        for count in range(len(parts), 0, -1):
            name = ".".join(parts[:count])
            if name in graph.producers and name not in graph.inputs:
                # Positions may be those of an attention mask, which is then what to name.
                return "" if graph.producers[name].op == "tract_core_range" else name
    return ""


def bisected(graph: Graph, wires: list[str], among: set[str], cuts: Cuts) -> str:
    """The first wire whose cut model fails.

    Bisects the wires in the text's order, then goes up from the one found for as long as one of
    the wires it reads fails too: in a graph of branches the text's order alone proves nothing.
    """
    failing = next((name for name in graph.outputs if cuts.problem(name)), None)
    if failing is None:
        return ""
    before = _ancestors(graph, failing, among)
    streaming = [name for name in wires if name in before]
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
            return wire
        wire = earlier


class Cuts(Protocol):
    """Models cut after a wire."""

    def problem(self, wire: str) -> EngineError | ProofError | None:
        """What is wrong with the model cut after a wire."""


class _Cuts:
    """What is wrong with the stream of the model cut after a wire, each found once."""

    def __init__(
        self,
        whole: Model,
        dims: DynamicAxes,
        symbol: str,
        pulse: int,
        draw: InputSampler,
        tolerance: Tolerance,
    ) -> None:
        self._whole, self._dims, self._draw, self._tolerance = whole, dims, draw, tolerance
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
            compare_stream(part, it, runs, self._draw, self._tolerance)
        except (EngineError, ProofError) as error:
            return error
        return None


def dependent(graph: Graph, inputs: Iterable[str]) -> set[str]:
    """Wires computed from the values of inputs, not from their sizes alone."""
    found = set(inputs)
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


def _following(graph: Graph, wire: str) -> list[str]:
    """The next wires computed from one, in the text's order."""
    reached = {wire}
    found: list[str] = []
    for operation in graph.operations:
        if operation.op not in _NO_LENGTH and reached & set(operation.inputs):
            reached |= set(operation.outputs)
            found += operation.outputs[:1]
    return found[:_FOLLOWING]


def values_of(whole: Model, first: str, example: Inputs, sizes: Sizes) -> tuple[Array, ...]:
    """The values of a wire and of those computed from it, where they can be computed."""
    found: list[Array] = []
    for wire in (first, *_following(whole.text.graph, first)):
        # Sizes computed inside a model have no value outside of the engine.
        with contextlib.suppress(NnefPulseError):
            part = tap(whole, [wire])
            found.append(run_by_name(part, part.prepared(sizes), example)[wire])
    return tuple(found)
