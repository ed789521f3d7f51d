"""Compares two models like with like: the engine's rewriting is not a difference."""

from __future__ import annotations

from dataclasses import replace

from nnef_pulse.engine.model import Model, Port
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.engine.taps import ports
from nnef_pulse.nnef import Difference, difference
from nnef_pulse.nnef.diff import Change, skips
from nnef_pulse.nnef.dimensions import same_size

_WRITTEN_BY_ENGINE = "tract_nnef_ser_version"


def compare(before: Model, after: Model) -> Difference:
    """What changed between two models.

    When one text is the engine's and the other is not, the other is first rewritten by the
    engine, unpulsed, so that only what was done to the model shows. Sizes are compared by their
    values: the engine spells one now so, now so, as its hash tables happen to be ordered.

    Raises:
        EngineError: the engine cannot write the other one.
    """
    before, after = _alike(before, after), _alike(after, before)
    found = difference(before.text, after.text, same_size=same_size)
    left, right = run_isolated(ports, before), run_isolated(ports, after)
    facts = [
        Change(name, left[name].fact, port.fact)
        for name, port in right.items()
        if name in left and not _same_fact(left[name], port)
    ]
    return replace(found, facts=(*facts, *skips(before.text.graph, after.text.graph)))


def _same_fact(one: Port, other: Port) -> bool:
    return (
        one.dtype == other.dtype
        and len(one.dims) == len(other.dims)
        and all(map(same_size, one.dims, other.dims))
    )


def _alike(one: Model, other: Model) -> Model:
    ours, theirs = (_WRITTEN_BY_ENGINE in it.text.graph.properties for it in (one, other))
    return one.rewritten() if theirs and not ours else one
