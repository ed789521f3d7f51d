"""Comparisons that must hold: whole against source, pulsed against whole, either against a peer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnef_pulse.engine.model import Array, Model, Runnable
from nnef_pulse.errors import EngineError, ProofError
from nnef_pulse.nnef.dimensions import Sizes
from nnef_pulse.prove.sample_inputs import SEED, Inputs, Run
from nnef_pulse.prove.tolerance import difference, rounded_up

# How much more than one unit in the last place of its inputs makes two runs may differ.
_AMPLIFIED = 16
# A model that amplifies rounding to more than this cannot be compared; what differs by more is
# another value altogether, such as that of another branch.
MOST_AMPLIFIED = 1e-2

Outputs = Mapping[str, Array]


@dataclass(frozen=True)
class Peer:
    """Another implementation of the same model."""

    name: str
    run: Callable[[Inputs], Outputs]


@dataclass(frozen=True)
class Reach:
    """The output frames that change when one input frame does."""

    frame: int
    output: str
    first: int
    last: int


@dataclass(frozen=True)
class Proof:
    """What was compared and how it came out: an entry of the manifest's `verified`."""

    claim: str
    file: str
    against: str
    runs: tuple[Run, ...]
    tolerance: float
    largest_error: float
    compared_length: int
    again: bool
    tail: tuple[int, float] | None = None
    reach: tuple[Reach, ...] = ()
    states: Sequence[str] = ()
    rounding: float = 0.0
    """What the model makes of rounding its inputs, where that is more than the tolerance."""

    def to_json(self) -> dict[str, object]:
        """As the manifest spells it."""
        entry: dict[str, object] = {
            "claim": self.claim,
            "file": self.file,
            "against": self.against,
            "sizes": [dict(run.sizes) for run in self.runs],
            "variations": [run.variation for run in self.runs],
            "seed": SEED,
            "tolerance": self.tolerance,
            "largestError": rounded_up(self.largest_error),
            "comparedLength": self.compared_length,
            "again": self.again,
        }
        if self.tail:
            frames, error = self.tail
            entry["tail"] = {"frames": frames, "largestError": rounded_up(error)}
        if self.reach:
            entry["reach"] = [
                {"frame": it.frame, "output": it.output, "first": it.first, "last": it.last}
                for it in self.reach
            ]
        if self.rounding:
            entry["rounding"] = rounded_up(self.rounding)
        if self.states:
            entry["states"] = list(self.states)
        return entry


def compared(
    got: Outputs, want: Outputs, where: str, scales: Mapping[str, float] | None = None
) -> tuple[float, int]:
    """The largest error over all outputs, and how many values were compared.

    Args:
        got: what is judged.
        want: what it is judged by.
        where: names both in a message.
        scales: the least scale of each output.

    Raises:
        ProofError: an output is missing, or has another shape or type.
    """
    worst, count = 0.0, 0
    for name, reference in want.items():
        if name not in got:
            raise ProofError(f"{where}: there is no output {name}")
        found = got[name]
        check_alike(found, reference, f"{where}: output {name}")
        worst = max(worst, difference(found, reference, (scales or {}).get(name, 0.0)))
        count += reference.size
    return worst, count


def check_alike(found: Array, reference: Array, what: str) -> None:
    """Check shape and type.

    Raises:
        ProofError: they differ.
    """
    if found.shape != reference.shape:
        raise ProofError(
            f"{what} is {list(found.shape)} where the reference is {list(reference.shape)}"
        )
    if found.dtype != reference.dtype:
        raise ProofError(f"{what} is {found.dtype} where the reference is {reference.dtype}")


def rounding(
    run: Callable[[Inputs], Outputs],
    inputs: Inputs,
    want: Outputs,
    scales: Mapping[str, float] | None = None,
    *,
    factor: float = 1.0,
) -> float:
    """The error that one unit in the last place of the inputs makes, with a margin.

    It is the least error two correct implementations can be held to: a model that amplifies
    rounding, as a difference of nearly equal numbers does, amplifies each framework's own. Biases
    inside a model stay as large as they are on quiet inputs, and so does their rounding: `factor`,
    by which the example was multiplied, makes the unit that of the example's own values.
    """
    units = 1 / (min(1.0, abs(factor)) or 1.0)
    rng = np.random.default_rng(SEED)
    nudged = {}
    for name, array in inputs.items():
        nudged[name] = array
        if np.issubdtype(array.dtype, np.floating):
            step = units * float(np.finfo(array.dtype).eps) * rng.choice([-1.0, 1.0], array.shape)
            nudged[name] = (array * (1 + step)).astype(array.dtype)
    amplified, _ = compared(run(nudged), want, "the same inputs, rounded", scales)
    return min(_AMPLIFIED * amplified, MOST_AMPLIFIED)


def run_each(model: Model, drawn: list[dict[str, Array]]) -> list[Outputs | EngineError]:
    """Run once per set of inputs; a run tract refuses gives its error."""
    ready = model.prepared()
    results: list[Outputs | EngineError] = []
    for inputs in drawn:
        try:
            results.append(run_by_name(model, ready, inputs))
        except EngineError as error:
            results.append(error)
    return results


def run_once(model: Model, inputs: Inputs) -> dict[str, Array]:
    """Prepare and run once, inputs and outputs by name."""
    return run_by_name(model, model.prepared(), inputs)


def run_by_name(model: Model, ready: Runnable, inputs: Inputs) -> dict[str, Array]:
    """Run once, inputs and outputs by name."""
    results = ready.run([inputs[port.name] for port in model.inputs])
    return {port.name: it for port, it in zip(model.outputs, results, strict=True)}


def format_sizes(sizes: Sizes) -> str:
    """Sizes for people: `B=1, S=8`."""
    return ", ".join(f"{symbol}={size}" for symbol, size in sizes.items()) or "its one size"


def format_run(run: Run) -> str:
    """A run for people: `B=1, S=8, negated`."""
    plain = run.variation == Run(run.sizes).variation
    return format_sizes(run.sizes) + ("" if plain else f", {run.variation}")
