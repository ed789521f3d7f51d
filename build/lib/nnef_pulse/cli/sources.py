"""Finds what a SOURCE names and exports it: what `nnef-pulse export` does."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nnef_pulse import recipes
from nnef_pulse.bundle import model_file
from nnef_pulse.bundle.export import export_bundle
from nnef_pulse.bundle.files import Bundle, check_target
from nnef_pulse.errors import SourceError, UsageError
from nnef_pulse.frontends.fixing import Value
from nnef_pulse.recipes import ExportSpec

_NAMES = ("axes", "asserts", "modes", "pulses", "card", "outputs", "held_out")


@dataclass(frozen=True)
class ExportOptions:
    """The command line's wishes; axes, modes, pulses and card beat what the source itself says."""

    axes: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    fix: Mapping[str, Value | Mapping[int, int]] = field(default_factory=dict)
    asserts: Sequence[str] = ()
    modes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    pulses: Mapping[str, Sequence[int]] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)
    tolerance: float | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


def export_source(
    source: str, out: Path, options: ExportOptions, debug: Path | None = None
) -> Bundle:
    """Export what `source` names: a recipe, a model's file, or `package.module:function`.

    Raises:
        SourceError, UsageError: there is no such source, or the wishes make no sense for it.
        NnefPulseError: as `export_bundle` does.
    """
    check_target(out)
    if Path(source).suffix in model_file.SUFFIXES:
        return model_file.export_file(
            source,
            out,
            axes=options.axes,
            fix=options.fix,
            asserts=options.asserts,
            modes=options.modes,
            pulses=options.pulses,
            card=options.card,
            tolerance=options.tolerance,
            settings=options.settings,
            debug_bundle=debug,
        )
    spec = _function(source, options) if ":" in source else _recipe(source, options)
    return export_bundle(
        spec.model,
        spec.inputs,
        out,
        axes=spec.axes,
        fix=options.fix,
        asserts=[*spec.asserts, *options.asserts],
        modes=spec.modes,
        pulses=options.pulses or spec.pulses,
        card={**spec.card, **options.card},
        tolerance=options.tolerance,
        outputs=spec.outputs,
        peers=spec.peers,
        held_out=spec.held_out,
        debug_bundle=debug,
    )


def _recipe(name: str, options: ExportOptions) -> ExportSpec:
    recipe = recipes.find(name)
    if options.axes or options.modes or options.fix:
        raise UsageError(f"{name} names its own axes and modes: leave --axis, --mode and --fix out")
    return recipe.spec(options.settings)


def _function(source: str, options: ExportOptions) -> ExportSpec:
    if options.settings:
        raise UsageError("a function takes no --with: let it read what it needs itself")
    result = _called(source)
    if not isinstance(result, tuple) or len(result) not in (2, 3):
        raise SourceError(
            f"{source} must return (module, {{input name: example tensor}}), "
            f"with a third dict if it likes, not {type(result).__name__}"
        )
    model, inputs, *more = result
    named = dict(more[0]) if more else {}
    unknown = sorted(set(named) - set(_NAMES))
    if unknown:
        raise SourceError(
            f"{source} returns a dict with {unknown[0]!r}; it may hold: {', '.join(_NAMES)}"
        )
    spec = ExportSpec(model, inputs, axes=named.pop("axes", {}), **named)
    return replace(
        spec,
        axes=options.axes or spec.axes,
        modes=options.modes or spec.modes,
    )


def _called(source: str) -> Any:
    module_name, _, name = source.partition(":")
    # A console script does not look where it is called from, as `python -m` does.
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and module_name.startswith(error.name):
            raise SourceError(
                f"there is no module {module_name} on the import path or in this folder"
            ) from error
        raise
    function = getattr(module, name, None)
    if not callable(function):
        raise SourceError(f"{module_name} has no function {name!r}")
    return function()
