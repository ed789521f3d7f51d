"""Says why a model cannot be streamed: the first operation at fault, where it stands, and why."""

from __future__ import annotations

import re

from nnef_pulse.engine.model import Model
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.errors import NnefPulseError, PulseRefusedError
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.frontends.source import Step, Steps
from nnef_pulse.nnef import Operation
from nnef_pulse.prove.diagnosis.causes import cause_of
from nnef_pulse.prove.diagnosis.first_apart import Blame, first_apart
from nnef_pulse.prove.diagnosis.places import name_place, step_of
from nnef_pulse.prove.sample_inputs import InputSampler
from nnef_pulse.prove.tolerance import Tolerance

_RECURRENT = re.compile(r"^(lstm|gru|rnn)")


def diagnose(
    whole: Model,
    dims: DynamicAxes,
    symbol: str,
    pulse: int,
    problem: NnefPulseError,
    draw: InputSampler,
    tolerance: Tolerance,
    steps: Steps | None = None,
) -> PulseRefusedError:
    """Turn a refusal of tract's, or a comparison that failed, into its cause.

    Args:
        whole: the model.
        dims: its open dimensions.
        symbol: the streaming symbol.
        pulse: in input frames.
        problem: what was raised.
        draw: the inputs it failed with.
        tolerance: the largest error allowed.
        steps: what the source computes, to name places in its words.
    """
    refusal = tuple(getattr(problem, "chain", ()))
    try:
        blame = run_isolated(first_apart, whole, dims, symbol, pulse, draw, tolerance, refusal)
    except NnefPulseError:
        blame = None
    if blame is None:
        return PulseRefusedError(f"cannot stream along {symbol}: {problem}")
    chain = (*getattr(blame.problem, "chain", ()), *refusal)
    step = step_of(blame.operation.op, blame.values, steps()) if steps else None
    operator = step.operator if step else ""
    cause = cause_of(blame.operation.op, chain, _traits(blame, symbol), operator)
    where = _where(blame, step)
    said = f"{cause.says}; {cause.change}".format(where=where, symbol=symbol)
    refused = cause.error(f"cannot stream along {symbol}: {said}")
    refused.cause = cause.name
    return refused


def _traits(blame: Blame, symbol: str) -> frozenset[str]:
    counts = sum(symbol in re.findall(r"\w+", dim) for dim in blame.dims)
    traits = {
        "backward": runs_backward(blame.operation),
        "pairs": counts > 1,
        "frames": counts == 1,
    }
    return frozenset(name for name, holds in traits.items() if holds)


def _where(blame: Blame, step: Step | None) -> str:
    kind = _RECURRENT.match(blame.operation.op)
    if kind or blame.operation.op == "tract_core_scan":
        layer = kind[1].upper() if kind else "recurrent"
        return f"the {layer} layer {blame.module or blame.wire}"
    if step is not None:
        return name_place(step)
    return f"{blame.operation.op} at {blame.wire}" + (
        f" (in {blame.module})" if blame.module else ""
    )


def runs_backward(it: Operation) -> bool:
    """Whether a recurrence scans its input from the end."""
    if it.attributes.get("scan_pace", 1) == -1:
        return True
    scanned = it.attributes.get("scan", []) if it.op == "tract_core_scan" else []
    return any(isinstance(entry, tuple) and entry[-1] < 0 for entry in scanned)
