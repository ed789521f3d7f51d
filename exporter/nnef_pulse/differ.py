"""Compares two models like with like: the engine's rewriting is not a difference."""

from __future__ import annotations

from nnef_pulse.engine import Model
from nnef_pulse.nnef import Difference, difference
from nnef_pulse.nnef.diff import Change

_WRITTEN_BY_ENGINE = "tract_nnef_ser_version"


def compare(before: Model, after: Model) -> Difference:
    """What changed between two models.

    When one text is the engine's and the other is not, the other is first rewritten by the
    engine, unpulsed, so that only what was done to the model shows.

    Raises:
        EngineError: the engine cannot write the other one.
    """
    before, after = _alike(before, after), _alike(after, before)
    found = difference(before.text, after.text)
    facts = [
        Change(a.name, a.fact, b.fact)
        for left, right in ((before.inputs, after.inputs), (before.outputs, after.outputs))
        for a, b in zip(left, right, strict=False)
        if (a.name, a.fact) != (b.name, b.fact)
    ]
    return Difference(
        found.extensions, found.properties, tuple(facts), found.operations, found.tensors
    )


def _alike(one: Model, other: Model) -> Model:
    ours, theirs = (_WRITTEN_BY_ENGINE in it.text.graph.properties for it in (one, other))
    return one.rewritten() if theirs and not ours else one
