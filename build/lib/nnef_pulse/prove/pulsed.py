"""Pulses a whole model, or says why it cannot be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nnef_pulse.engine.model import Model
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.errors import EngineError, ProofError, StrideError
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.frontends.source import Steps
from nnef_pulse.prove.comparison import Peer, Proof, format_run
from nnef_pulse.prove.diagnosis.diagnose import diagnose
from nnef_pulse.prove.output_names import named_like
from nnef_pulse.prove.reach import changes, check_reach, frames_of_outputs, replace_frame
from nnef_pulse.prove.sample_inputs import InputSampler, Run
from nnef_pulse.prove.stream_proof import StreamProof, prove_stream, runs_of_stream
from nnef_pulse.prove.streaming import Pulsed, streamed
from nnef_pulse.prove.tolerance import Tolerance, difference

_STRIDE = re.compile(r"requires pulse \((\d+)\) to be a stride \((\d+)\) multiple")


def checked_stream(
    whole: Model,
    dims: DynamicAxes,
    symbol: str,
    pulse: int,
    least: int,
    draw: InputSampler,
    tolerance: Tolerance,
    source: Peer | None = None,
    steps: Steps | None = None,
) -> tuple[Pulsed, StreamProof]:
    """Pulse the whole model and compare the stream with it, and both with its source.

    Raises:
        StrideError: the pulse is no multiple of a stride; says which pulses are.
        PulseRefusedError: it cannot be streamed along `symbol`; a subclass says why.
    """
    it = pulsed(whole, dims, symbol, pulse, draw, tolerance, steps)
    try:
        runs = runs_of_stream(it, dims, least, draw)
        proof = run_isolated(prove_stream, whole, it, runs, draw, tolerance)
        if source is not None:
            _check_reach_of_source(it, source, draw, runs[0], proof, tolerance)
    except (EngineError, ProofError) as problem:
        raise diagnose(whole, dims, symbol, pulse, problem, draw, tolerance, steps) from problem
    return it, proof


def _check_reach_of_source(
    it: Pulsed,
    source: Peer,
    draw: InputSampler,
    run: Run,
    proof: StreamProof,
    tolerance: Tolerance,
) -> None:
    """The frames that change in the whole model are those that change in its source.

    Raises:
        ProofError: they are others.
    """
    inputs = draw(run.sizes)
    before = source.run(inputs)
    after = {
        frame: source.run(replace_frame(it, inputs, frame))
        for frame in {place.frame for place in proof.reached}
    }
    axes = {timing.name: timing.axis for timing in it.outputs}
    for place in proof.reached:
        name = place.output
        expected = changes(before[name], after[place.frame][name], axes[name])
        what = f"model.nnef.tgz: output {name}"
        check_reach(place.whole, expected, tolerance.whole, what, source.name, place.frame)


def pulsed(
    whole: Model,
    dims: DynamicAxes,
    symbol: str,
    pulse: int,
    draw: InputSampler,
    tolerance: Tolerance,
    steps: Steps | None = None,
) -> Pulsed:
    """Pulse the whole model by `pulse` input frames along `symbol`, unchecked.

    Raises:
        StrideError, PulseRefusedError: as `checked_stream` does.
    """
    try:
        return Pulsed(symbol, pulse, named_like(whole, whole.pulsed(symbol, pulse)))
    except EngineError as error:
        stride = next(filter(None, map(_STRIDE.search, error.chain)), None)
        if stride is None:
            raise diagnose(whole, dims, symbol, pulse, error, draw, tolerance, steps) from error
        possible = _possible(whole, symbol, int(stride[2]))
        raise StrideError(
            f"a pulse of {symbol}={pulse} is no multiple of what the model steps by; "
            f"possible: {', '.join(map(str, possible)) or 'none found'}",
            possible,
        ) from error


def _possible(whole: Model, symbol: str, step: int) -> tuple[int, ...]:
    found: list[int] = []
    for pulse in (step * n for n in range(1, 65)):
        try:
            whole.pulsed(symbol, pulse)
        except EngineError:
            continue
        found.append(pulse)
        if len(found) == 4:
            break
    return tuple(found)


def prove_peer_of_stream(
    it: Pulsed,
    peer: Peer,
    runs: Sequence[Run],
    draw: InputSampler,
    warm_ups: Mapping[str, int],
    tolerance: Tolerance,
) -> Proof:
    """Compare the stream with another implementation of the whole.

    Raises:
        ProofError: they differ.
    """
    ready = it.model.prepared()
    worst, count = 0.0, 0
    for run in runs:
        inputs = draw(run.sizes, run.variation)
        want = peer.run(inputs)
        got = streamed(it, ready, inputs, frames_of_outputs(it, want))
        for timing in it.outputs:
            name, axis = timing.name, timing.axis
            if axis < 0:
                continue
            kept = range(warm_ups[name], want[name].shape[axis])
            gap = difference(got[name].take(kept, axis), want[name].take(kept, axis))
            worst = max(worst, gap)
            count += len(kept)
        if worst > tolerance.whole:
            raise ProofError(
                f"{it.file} against {peer.name} at {format_run(run)}: {worst:.1g} apart"
            )
    return Proof("peer", it.file, peer.name, tuple(runs), tolerance.whole, worst, count, False)
