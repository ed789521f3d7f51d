"""From a source to a checked bundle: the one path every frontend and recipe takes."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnef_pulse.bundle import debug
from nnef_pulse.bundle import files as bundles
from nnef_pulse.bundle.card import Card, checked
from nnef_pulse.bundle.files import Bundle
from nnef_pulse.bundle.manifest import manifest_of, pulse_entry
from nnef_pulse.engine import model as engine
from nnef_pulse.engine import process
from nnef_pulse.engine.model import Model
from nnef_pulse.errors import (
    AxisError,
    EngineError,
    FrozenDimError,
    NnefPulseError,
    SymbolError,
    UsageError,
)
from nnef_pulse.extras import missing_extra
from nnef_pulse.frontends.axes import Axes, DynamicAxes, split_multiple
from nnef_pulse.frontends.fixing import Value
from nnef_pulse.frontends.source import Source
from nnef_pulse.prove.comparison import Peer, Proof, format_sizes
from nnef_pulse.prove.diagnosis.unrunnable import diagnose_whole
from nnef_pulse.prove.min_sizes import asserts_for, least_of_source, min_sizes
from nnef_pulse.prove.multiples import needed_multiple
from nnef_pulse.prove.pulsed import checked_stream, prove_peer_of_stream
from nnef_pulse.prove.sample_inputs import LIKE_EXAMPLE, Inputs, InputSampler
from nnef_pulse.prove.tolerance import Tolerance
from nnef_pulse.prove.whole import check_example, prove_whole, runs_of_whole

if TYPE_CHECKING:
    import torch

# tract's words when a size that tracing made a number meets one that is open.
_FROZEN = re.compile(r"(\S*[A-Za-z]\S*) should be equal to (\d+)")

_log = logging.getLogger("nnef_pulse")

Pulses = Mapping[str, int | Sequence[int]]


def export_bundle(
    model: torch.nn.Module,
    inputs: Mapping[str, torch.Tensor],
    out: str | Path,
    *,
    axes: Axes,
    asserts: Sequence[str] = (),
    modes: Mapping[str, str | Sequence[str]] | None = None,
    pulses: Pulses | None = None,
    card: Mapping[str, Any] | None = None,
    outputs: Sequence[str] = (),
    peers: Sequence[Peer] = (),
    held_out: Mapping[str, torch.Tensor] | None = None,
    tolerance: float | None = None,
    debug_bundle: str | Path | None = None,
    fix: Mapping[str, Value | Mapping[int, int]] | None = None,
) -> Bundle:
    """Export a PyTorch module as a bundle, checked or not at all.

    Args:
        model: any module whose forward takes and returns tensors.
        inputs: input name to example tensor.
        out: the bundle's folder; its last name becomes the id.
        axes: input name to axis to symbol, such as `{"melbank": {0: "B", 1: "S"}}`.
        asserts: comparisons over the symbols, such as `S+P < 64`.
        modes: mode name to one or several comparisons, such as `{"tg": "S==1"}`.
        pulses: the streaming symbol to one or several pulse sizes in input frames.
        card: title, source, licence, quality, audio, defaults; see `nnef_pulse.bundle.card`.
        outputs: names for the outputs.
        peers: other implementations the model must agree with.
        held_out: data the weights never saw, kept in the bundle so that anyone can measure again
            what the card says of quality: items along the first axis, by the model's inputs, and
            `expected`.
        tolerance: the largest error allowed, relative to each output's scale, in place of the
            limits of the model's dtype.
        debug_bundle: a folder for what explains how it came out; see `nnef_pulse.bundle.debug`.
        fix: what shall not stay open: input name to a value for all of it, such as
            `{"sr": 16000}`, or to axis and size, such as `{"x": {1: 64}}`.

    Raises:
        UsageError: an option makes no sense for this model (exit code 2).
        NnefPulseError: the model cannot be pulsed as asked, or a check fails (exit code 1).
    """
    try:
        from nnef_pulse.frontends import pytorch
    except ModuleNotFoundError as error:
        raise missing_extra(error) from error

    process.start()
    bundles.check_target(Path(out))
    _log.info("tracing")
    source = pytorch.source(
        model, inputs, axes=axes, asserts=asserts, modes=modes, outputs=outputs, fix=fix
    )
    return build(
        source,
        Path(out),
        pulses=pulses or {},
        card=card or {},
        peers=peers,
        held_out={name: tensor.numpy() for name, tensor in (held_out or {}).items()},
        tolerance=tolerance,
        debug_bundle=Path(debug_bundle) if debug_bundle else None,
    )


def build(
    source: Source,
    out: Path,
    *,
    pulses: Pulses,
    card: Mapping[str, Any],
    peers: Sequence[Peer] = (),
    held_out: Inputs | None = None,
    tolerance: float | None = None,
    debug_bundle: Path | None = None,
) -> Bundle:
    """Compare a source's model with it, pulse it, compare that, and write the bundle.

    Raises:
        UsageError, NnefPulseError: as `export_bundle` does.
    """
    ident = bundles.check_target(out)
    if tolerance is not None and not 0 < tolerance < 1:
        raise UsageError(f"a tolerance is between 0 and 1, not {tolerance:g}")
    limits = Tolerance(source.precision, tolerance)
    details = checked(card, ident=ident, described=source.described, framework=source.framework)
    requested = _requested_pulses(pulses, source.dims)
    try:
        try:
            bundle = _checked_bundle(
                source, out, ident, details, requested, peers, held_out or {}, limits
            )
        except (EngineError, FrozenDimError) as error:
            multiple = needed_multiple(source)
            if multiple is None and isinstance(error.__cause__ or error, EngineError):
                raise diagnose_whole(source, error) from error
            if multiple is None:
                raise
            raise FrozenDimError(
                f"the model takes only sizes of {multiple.symbol} that are a multiple of "
                f"{multiple.factor}: say so with {multiple.option}"
            ) from error
    except NnefPulseError as error:
        if debug_bundle is not None:
            try:
                _keep_debug_bundle(debug_bundle, source, requested, error, limits)
            except Exception as failure:  # the export's own error is the one to report
                _log.warning("no debug bundle was written: %s", failure)
        raise
    if debug_bundle is not None:
        _keep_debug_bundle(debug_bundle, source, requested, None, limits)
    return bundle


def _keep_debug_bundle(
    folder: Path,
    source: Source,
    requested: list[tuple[str, int]],
    problem: NnefPulseError | None,
    limits: Tolerance,
) -> None:
    _log.info("writing a debug bundle to %s", folder)
    answers = source.run(source.example)
    archive = source.archive.to_bytes()
    debug.keep(folder, archive, source.dims, source.example, answers, requested, problem, limits)


def _checked_bundle(
    source: Source,
    out: Path,
    ident: str,
    details: Card,
    requested: list[tuple[str, int]],
    peers: Sequence[Peer],
    held_out: Inputs,
    limits: Tolerance,
) -> Bundle:
    reference = Peer(source.framework, source.run)
    answers = source.run(source.example)
    check_example(answers)
    _log.info("loading in tract %s", engine.VERSION)
    whole, dims, smallest = _with_min_sizes(source)
    draw = InputSampler(source.example, dims.axes)
    runs = runs_of_whole(dims, smallest, draw)
    proofs: list[Proof] = []
    for claim, other in [("whole", reference), *(("peer", peer) for peer in peers)]:
        _log.info("comparing the whole model with %s", other.name)
        proofs += prove_whole(whole, other, runs, draw, source.example, limits, claim=claim)

    entries, contents = [], {bundles.MODEL: whole.archive}
    for symbol, pulse in requested:
        _log.info("pulsing by %s=%d and comparing the stream with the whole", symbol, pulse)
        pulsed, stream = checked_stream(
            whole, dims, symbol, pulse, smallest[symbol], draw, limits, reference, source.steps
        )
        proofs.append(stream.proof)
        longest = [run for run in stream.proof.runs if run.variation == LIKE_EXAMPLE][-1:]
        proofs += [
            prove_peer_of_stream(pulsed, peer, longest, draw, stream.warm_ups, limits)
            for peer in peers
        ]
        entries.append(pulse_entry(pulsed, stream))
        contents[pulsed.file] = pulsed.model.archive

    contents[bundles.REFERENCE] = bundles.tensors_to_bytes({**source.example, **answers})
    if held_out:
        contents[bundles.HELD_OUT] = bundles.tensors_to_bytes(held_out)
    if details.licence_text:
        contents[bundles.LICENCE] = details.licence_text.encode()
    _log.info("writing")
    return bundles.write(
        out, manifest_of(ident, details, whole, dims, entries, proofs, limits), contents
    )


def _requested_pulses(pulses: Pulses, dims: DynamicAxes) -> list[tuple[str, int]]:
    if len(pulses) > 1:
        raise AxisError(
            f"a model streams along one symbol, not along {' and '.join(pulses)}: choose one"
        )
    requested = []
    for symbol, sizes in pulses.items():
        if symbol not in dims.example:
            known = ", ".join(dims.symbols) or "none"
            raise SymbolError(f"no axis is called {symbol}, so it cannot be pulsed; known: {known}")
        for name, named in dims.axes.items():
            if [split_multiple(size)[1] for size in named.values()].count(symbol) > 1:
                raise AxisError(f"{name} has {symbol} on two axes: a stream has one")
        for size in [sizes] if isinstance(sizes, int) else sizes:
            if size < 1:
                raise UsageError(f"a pulse is 1 or more input frames, not {symbol}={size}")
            requested.append((symbol, size))
    return requested


def _with_min_sizes(source: Source) -> tuple[Model, DynamicAxes, dict[str, int]]:
    """Load the model and write into it the least size of every symbol."""
    try:
        model = _loaded(source)
    except EngineError as error:
        frozen = next(filter(None, map(_FROZEN.search, error.chain)), None)
        if frozen is None:
            raise
        raise FrozenDimError(
            f"a size over {', '.join(source.dims.symbols)} does not stay open: tracing made it "
            f"{frozen[2]} where {frozen[1]} is needed; compute it from the input's shape in forward"
        ) from error
    smallest = least_of_source(source, min_sizes(model, source.dims))
    dims = source.dims.with_asserts(asserts_for(smallest, source.dims))
    if not dims.allows(dims.example):
        raise AxisError(
            f"the example is too short: it has {format_sizes(dims.example)}; "
            f"the model needs at least {format_sizes(smallest)}"
        )
    return Model(source.archive.with_extensions(dims.extensions()).to_bytes()), dims, smallest


def _loaded(source: Source) -> Model:
    """The model; where tract cannot tell that two sizes are one, it is told that they are large."""
    try:
        return Model(source.archive.to_bytes())
    except EngineError as error:
        problem = error
    for sizes in (dict.fromkeys(source.dims.symbols, 1), dict(source.dims.example)):
        dims = source.dims.with_asserts(asserts_for(sizes, source.dims))
        if dims != source.dims:
            with contextlib.suppress(EngineError):
                return Model(source.archive.with_extensions(dims.extensions()).to_bytes())
    raise problem
