"""Exports a model kept in a file of its own: ONNX, or a NeMo archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import safetensors.numpy

from nnef_pulse.bundle.export import Pulses, build
from nnef_pulse.bundle.files import Bundle
from nnef_pulse.engine.model import Array
from nnef_pulse.errors import SourceError, UsageError
from nnef_pulse.extras import missing_extra
from nnef_pulse.frontends.axes import Axes
from nnef_pulse.frontends.fixing import Value

SUFFIXES = (".onnx", ".nemo")


def export_file(
    path: str | Path,
    out: str | Path,
    *,
    axes: Axes | None = None,
    asserts: Sequence[str] = (),
    modes: Mapping[str, str | Sequence[str]] | None = None,
    pulses: Pulses | None = None,
    card: Mapping[str, Any] | None = None,
    tolerance: float | None = None,
    settings: Mapping[str, str] | None = None,
    debug_bundle: Path | None = None,
    fix: Mapping[str, Value | Mapping[int, int]] | None = None,
) -> Bundle:
    """Export a file as a bundle, checked or not at all.

    Args:
        path: a `.onnx` or `.nemo` file; see `nnef_pulse.frontends`.
        out: the bundle's folder; its last name becomes the id.
        axes: input name to axis to symbol, besides those an ONNX file itself leaves free. A NeMo
            model has its own: `samples` streams along S.
        asserts: comparisons over the symbols.
        modes: mode name to one or several comparisons; not for a NeMo model.
        pulses: the streaming symbol to one or several pulse sizes in input frames; a NeMo model
            has a pulse of its own when none is given.
        card: title, source, licence, quality, audio, defaults; see `nnef_pulse.bundle.card`.
        tolerance: as `export_bundle` takes it.
        settings: for ONNX `example`, a safetensors file of input arrays to prove with.
        debug_bundle: as `export_bundle` takes it.
        fix: as `export_bundle` takes it; not for a NeMo model.

    Raises:
        SourceError: no such file, or not of the kind its name says.
        UsageError: what was asked for makes no sense for this model (exit code 2).
        NnefPulseError: the model cannot be pulsed as asked, or a proof fails (exit code 1).
    """
    kind = Path(path).suffix
    settings = dict(settings or {})
    example = settings.pop("example", None) if kind == ".onnx" else None
    if settings:
        known = "example" if kind == ".onnx" else "none"
        raise UsageError(f"a {kind} file has no option {next(iter(settings))!r}; it has: {known}")
    try:
        if kind == ".onnx":
            from nnef_pulse.frontends import onnx

            arrays = _arrays(Path(example)) if example else None
            source = onnx.source(
                path, axes=axes, asserts=asserts, modes=modes, example=arrays, fix=fix
            )
            return build(
                source,
                Path(out),
                pulses=pulses or {},
                card=card or {},
                tolerance=tolerance,
                debug_bundle=debug_bundle,
            )
        if kind == ".nemo":
            from nnef_pulse.frontends import nemo

            if axes or modes or fix:
                raise UsageError(
                    "a .nemo file has its own axes and no modes: leave --axis, --mode and --fix out"
                )
            vad = nemo.frame_vad(path)
            pulses = pulses or {"S": vad.samples_per_pulse}
            card = {**vad.card(_first(pulses)), **(card or {})}
            return build(
                nemo.source(vad, asserts=asserts),
                Path(out),
                pulses=pulses,
                card=card,
                tolerance=tolerance,
                debug_bundle=debug_bundle,
            )
    except ModuleNotFoundError as error:
        raise missing_extra(error) from error
    raise SourceError(f"{path}: a model's file ends in {' or '.join(SUFFIXES)}")


def _first(pulses: Pulses) -> int:
    sizes = next(iter(pulses.values()))
    return sizes if isinstance(sizes, int) else sizes[0]


def _arrays(path: Path) -> dict[str, Array]:
    try:
        return dict(safetensors.numpy.load_file(path))
    except (OSError, safetensors.SafetensorError) as error:
        raise SourceError(f"{path} cannot be read as safetensors: {error}") from error
