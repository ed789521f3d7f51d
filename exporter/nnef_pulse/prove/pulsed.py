"""Pulses a whole model, or says why it cannot be."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nnef_pulse.engine.model import Model
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.errors import EngineError, ProofError, StrideError
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.nnef.dimensions import Sizes
from nnef_pulse.prove.comparison import WHOLE_TOLERANCE, Peer, Proof, difference, format_sizes
from nnef_pulse.prove.diagnose import diagnose
from nnef_pulse.prove.sample_inputs import Sampler
from nnef_pulse.prove.streaming import (
    Pulsed,
    after_signal,
    prove_pulsed,
    runs_to_prove,
    streamed,
)

_STRIDE = re.compile(r"requires pulse \((\d+)\) to be a stride \((\d+)\) multiple")


def proven(
    whole: Model, dims: DynamicAxes, symbol: str, pulse: int, least: int, draw: Sampler
) -> tuple[Pulsed, Proof, int]:
    """Pulse the whole model and prove the stream; give both with the warm-up in output frames.

    Raises:
        StrideError: the pulse is no multiple of a stride; says which pulses are.
        PulseRefusedError: it cannot be streamed along `symbol`; a subclass says why.
    """
    it = pulsed(whole, symbol, pulse, draw)
    runs = runs_to_prove(it, dims, least)
    try:
        proof, warm_up = run_isolated(prove_pulsed, whole, it, runs, draw)
    except (EngineError, ProofError) as problem:
        raise run_isolated(diagnose, whole, symbol, pulse, problem, runs, draw) from problem
    return it, proof, warm_up


def pulsed(whole: Model, symbol: str, pulse: int, draw: Sampler) -> Pulsed:
    """Pulse the whole model by `pulse` input frames along `symbol`, unproven.

    Raises:
        StrideError, PulseRefusedError: as `proven` does.
    """
    try:
        return Pulsed(symbol, pulse, run_isolated(whole.pulsed, symbol, pulse))
    except EngineError as error:
        stride = next(filter(None, map(_STRIDE.search, error.chain)), None)
        if stride is None:
            raise diagnose(whole, symbol, pulse, error, [], draw) from error
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
    it: Pulsed, peer: Peer, runs: Sequence[Sizes], draw: Sampler, warm_up: int
) -> Proof:
    """Compare the stream with another implementation of the whole.

    Raises:
        ProofError: they differ.
    """
    ready = it.model.prepared()
    worst, count = 0.0, 0
    for sizes in runs:
        inputs = draw(sizes)
        want = peer.run(inputs)
        axes = dict(
            zip((port.name for port in it.model.outputs), it.streaming.output_axes, strict=True)
        )
        frames = {name: array.shape[axes[name]] for name, array in want.items()}
        got = streamed(it, ready, inputs, after_signal(it, inputs, loud=False), frames)
        for name, reference in want.items():
            kept = range(warm_up, frames[name])
            worst = max(
                worst,
                difference(got[name].take(kept, axes[name]), reference.take(kept, axes[name])),
            )
            count += len(kept)
        if worst > WHOLE_TOLERANCE:
            raise ProofError(
                f"{it.file} against {peer.name} at {format_sizes(sizes)}: {worst:.1g} apart"
            )
    return Proof("peer", it.file, peer.name, tuple(runs), WHOLE_TOLERANCE, worst, count, False)
