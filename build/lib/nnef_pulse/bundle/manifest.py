"""What a bundle's manifest says of its model, its pulsed files and the comparisons made."""

from __future__ import annotations

from typing import Any

from nnef_pulse.bundle.card import Card
from nnef_pulse.engine import model as engine
from nnef_pulse.engine.model import Model
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.prove.comparison import Proof
from nnef_pulse.prove.stream_proof import StreamProof
from nnef_pulse.prove.streaming import Pulsed
from nnef_pulse.prove.tolerance import Tolerance

# The first release whose NNEF these archives are read by.
OLDEST_ENGINE = engine.VERSION


def pulse_entry(pulsed: Pulsed, stream: StreamProof) -> dict[str, Any]:
    """What the manifest says of one pulsed file."""
    first = pulsed.outputs[0]
    return {
        "file": pulsed.file,
        "symbol": pulsed.symbol,
        "pulse": pulsed.pulse,
        "delay": first.delay,
        "inputAxes": list(pulsed.streaming.input_axes),
        "outputAxes": list(pulsed.streaming.output_axes),
        "warmUp": stream.warm_ups[first.name],
        "outputs": [
            {
                "name": timing.name,
                "delay": timing.delay,
                "framesPerPulse": timing.frames_per_pulse,
                "warmUp": stream.warm_ups[timing.name],
            }
            for timing in pulsed.outputs
        ],
    }


def manifest_of(
    ident: str,
    card: Card,
    whole: Model,
    dims: DynamicAxes,
    pulses: list[dict[str, Any]],
    proofs: list[Proof],
    limits: Tolerance,
) -> dict[str, Any]:
    """The manifest, but for `files`, which writing the bundle adds."""
    return {
        "schema": 1,
        "id": ident,
        **card.entries,
        "engine": {"made": engine.VERSION, "oldest": OLDEST_ENGINE},
        "symbols": list(dims.symbols),
        "asserts": [rule.text for rule in dims.asserts],
        "modes": {
            name: [rule.text for rule in rules] for name, rules in (dims.modes or {}).items()
        },
        "inputs": [{"name": port.name, "fact": port.fact} for port in whole.inputs],
        "outputs": [{"name": port.name, "fact": port.fact} for port in whole.outputs],
        "pulses": pulses,
        "tolerance": limits.to_json(),
        "verified": [proof.to_json() for proof in proofs],
    }
