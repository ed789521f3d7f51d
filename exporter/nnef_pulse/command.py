"""Finds what a SOURCE names and exports it: what `nnef-pulse export` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nnef_pulse import recipes
from nnef_pulse.bundle import Bundle
from nnef_pulse.errors import UsageError
from nnef_pulse.export import export_bundle
from nnef_pulse.model_file import SUFFIXES, export_file


@dataclass(frozen=True)
class Asked:
    """The command line's wishes; each beats what the source itself says."""

    axes: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    asserts: Sequence[str] = ()
    modes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    pulses: Mapping[str, Sequence[int]] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


def export_source(source: str, out: Path, asked: Asked) -> Bundle:
    """Export what `source` names: a recipe, or a file of a model.

    Raises:
        SourceError, UsageError: there is no such source, or the wishes make no sense for it.
        NnefPulseError: as `export_bundle` does.
    """
    if source.endswith(SUFFIXES):
        return export_file(source, out, **vars(asked))
    recipe = recipes.find(source)
    order = recipe.order(asked.settings)
    if asked.axes or asked.modes:
        raise UsageError(f"{recipe.name} names its own axes and modes: leave --axis and --mode out")
    return export_bundle(
        order.model,
        order.inputs,
        out,
        axes=order.axes,
        asserts=[*order.asserts, *asked.asserts],
        modes=order.modes,
        pulses=asked.pulses or order.pulses,
        card={**order.card, **asked.card},
        outputs=order.outputs,
        peers=order.peers,
    )
