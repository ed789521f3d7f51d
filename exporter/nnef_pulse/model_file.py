"""Exports a model kept in a file of its own: ONNX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import safetensors.numpy

from nnef_pulse.axes import Axes
from nnef_pulse.bundle import Bundle
from nnef_pulse.engine import Array
from nnef_pulse.errors import MissingExtraError, SourceError, UsageError
from nnef_pulse.export import Pulses, build

SUFFIXES = (".onnx",)


def export_file(
    path: str | Path,
    out: str | Path,
    *,
    axes: Axes | None = None,
    asserts: Sequence[str] = (),
    modes: Mapping[str, str | Sequence[str]] | None = None,
    pulses: Pulses | None = None,
    card: Mapping[str, Any] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Bundle:
    """Export a file as a bundle, proven or not at all.

    Args:
        path: a `.onnx` file; see `nnef_pulse.doors.onnx` for what each means there.
        out: the bundle's folder; its last name becomes the id.
        axes: input name to axis to symbol, besides those the file itself leaves free.
        asserts: comparisons over the symbols.
        modes: mode name to one or several comparisons.
        pulses: the streaming symbol to one or several pulse sizes in input frames.
        card: title, source, licence, quality, audio, defaults; see `nnef_pulse.card`.
        settings: `example`, a safetensors file of input arrays to prove with.

    Raises:
        SourceError: no such file, or not of the kind its name says.
        UsageError: what was asked for makes no sense for this model (exit code 2).
        NnefPulseError: the model cannot be pulsed as asked, or a proof fails (exit code 1).
    """
    settings = dict(settings or {})
    example = settings.pop("example", None)
    if settings:
        raise UsageError(f"an ONNX file has no option {next(iter(settings))!r}; it has: example")
    try:
        from nnef_pulse.doors import onnx
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"an ONNX file needs {error.name}: pip install 'nnef-pulse[export]'"
        ) from error
    source = onnx.source(
        path,
        axes=axes,
        asserts=asserts,
        modes=modes,
        example=_arrays(Path(example)) if example else None,
    )
    return build(source, Path(out), pulses=pulses or {}, card=card or {})


def _arrays(path: Path) -> dict[str, Array]:
    try:
        return dict(safetensors.numpy.load_file(path))
    except (OSError, safetensors.SafetensorError) as error:
        raise SourceError(f"{path} cannot be read as safetensors: {error}") from error
