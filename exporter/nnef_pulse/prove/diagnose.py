"""Why a model cannot be pulsed: the first operation at fault, and what it does."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nnef_pulse.engine.model import Model
from nnef_pulse.engine.taps import facts, tap
from nnef_pulse.errors import (
    AttentionOverTimeError,
    BidirectionalError,
    EngineError,
    GlobalReductionError,
    NnefPulseError,
    ProofError,
    PulseRefusedError,
)
from nnef_pulse.nnef import Operation
from nnef_pulse.nnef.dimensions import Sizes
from nnef_pulse.prove.sample_inputs import Sampler
from nnef_pulse.prove.streaming import Pulsed, prove_pulsed

_NODE = re.compile(r'#\d+ "([^"]+)" (\w+)')
_RECURRENT = re.compile(r"^(lstm|gru|rnn)")


def diagnose(
    whole: Model,
    symbol: str,
    pulse: int,
    problem: NnefPulseError,
    runs: Sequence[Sizes],
    draw: Sampler,
) -> PulseRefusedError:
    """Turn a refusal of tract's, or a proof that failed, into its cause.

    Args:
        whole: the model.
        symbol: the streaming symbol.
        pulse: in input frames.
        problem: what was raised.
        runs: sizes at which the proof failed; none when tract itself refused.
        draw: the inputs it failed with.
    """
    backward = next(filter(_runs_backward, whole.text.graph.operations), None)
    if backward is not None:
        kind = _RECURRENT.match(backward.op)
        layer = f"{kind[1].upper()} " if kind else ""
        return BidirectionalError(
            f"cannot stream along {symbol}: the {layer}layer at {backward.outputs[0]} runs "
            "backwards in time (bidirectional), so its first output needs the stream's last "
            "frame; use one that runs forwards alone"
        )
    refused = next(filter(None, map(_NODE.search, getattr(problem, "chain", ()))), None)
    if refused is not None and refused[2] == "Reduce":
        return GlobalReductionError(
            f"cannot stream along {symbol}: {refused[1]} reduces over all of it, so no output is "
            "known before the stream ends; reduce over a window instead"
        )
    if refused is not None and refused[2] in ("SDPA", "Softmax", "FlashSDPA"):
        return _attention(symbol, refused[1])
    square = _over_all_pairs(whole, symbol)
    if square is not None:
        return _attention(symbol, square)
    if isinstance(problem, ProofError):
        first = first_apart(whole, symbol, pulse, runs, draw)
        if first is not None:
            return PulseRefusedError(
                f"cannot stream along {symbol}: {first.op} at {first.outputs[0]} is the first "
                f"operation whose stream differs from the whole ({problem})"
            )
    return PulseRefusedError(f"cannot stream along {symbol}: {problem}")


def _attention(symbol: str, where: str) -> AttentionOverTimeError:
    return AttentionOverTimeError(
        f"cannot stream along {symbol}: attention at {where} compares every frame with every "
        "other, those still to come included; attend over a window of the past instead"
    )


def _runs_backward(it: Operation) -> bool:
    if it.attributes.get("scan_pace", 1) == -1:
        return True
    scanned = it.attributes.get("scan", []) if it.op == "tract_core_scan" else []
    return any(isinstance(entry, tuple) and entry[-1] < 0 for entry in scanned)


def _over_all_pairs(whole: Model, symbol: str) -> str | None:
    for name, dims in facts(whole).items():
        if sum(symbol in re.findall(r"\w+", dim) for dim in dims) > 1:
            return name
    return None


def first_apart(
    whole: Model, symbol: str, pulse: int, runs: Sequence[Sizes], draw: Sampler
) -> Operation | None:
    """The first operation whose stream differs from the whole, found by bisecting the wires."""
    graph = whole.text.graph
    streaming = [
        name
        for name, dims in facts(whole).items()
        if any(symbol in re.findall(r"\w+", dim) for dim in dims)
        and name in graph.producers
        and name not in graph.inputs
    ]
    low, high = 0, len(streaming) - 1
    while low < high:
        middle = (low + high) // 2
        if _agrees(whole, streaming[middle], symbol, pulse, runs, draw):
            low = middle + 1
        else:
            high = middle
    return graph.producers[streaming[low]] if streaming else None


def _agrees(
    whole: Model, wire: str, symbol: str, pulse: int, runs: Sequence[Sizes], draw: Sampler
) -> bool:
    try:
        part = tap(whole, [wire])
        prove_pulsed(part, Pulsed(symbol, pulse, part.pulsed(symbol, pulse)), runs, draw)
    except (EngineError, ProofError):
        return False
    return True
