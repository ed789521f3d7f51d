"""Comparisons that must hold: whole against source, pulsed against whole, either against a peer.

An error is the largest absolute difference divided by the larger of 1 and the reference's
largest magnitude, so that one named tolerance serves logits and probabilities alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnef_pulse.engine.model import Array, Model, Runnable
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.errors import EngineError, FrozenDimError, ProofError
from nnef_pulse.frontends.axes import DynamicAxes, grid
from nnef_pulse.nnef.dimensions import Sizes
from nnef_pulse.prove.sample_inputs import Inputs, Sampler

# Two frameworks sum in different orders; so do a stream and a whole, but of the same kernels.
WHOLE_TOLERANCE = 1e-4
PULSED_TOLERANCE = 1e-5

Outputs = Mapping[str, Array]


@dataclass(frozen=True)
class Peer:
    """Another implementation of the same model."""

    name: str
    run: Callable[[Inputs], Outputs]


@dataclass(frozen=True)
class Proof:
    """What was compared and how it came out: an entry of the manifest's `verified`."""

    claim: str
    file: str
    against: str
    sizes: tuple[Sizes, ...]
    tolerance: float
    largest_error: float
    compared_length: int
    again: bool
    tail: tuple[int, float] | None = None

    def to_json(self) -> dict[str, object]:
        """As the manifest spells it."""
        entry: dict[str, object] = {
            "claim": self.claim,
            "file": self.file,
            "against": self.against,
            "sizes": [dict(sizes) for sizes in self.sizes],
            "tolerance": self.tolerance,
            "largestError": rounded_up(self.largest_error),
            "comparedLength": self.compared_length,
            "again": self.again,
        }
        if self.tail:
            frames, error = self.tail
            entry["tail"] = {"frames": frames, "largestError": rounded_up(error)}
        return entry


def rounded_up(error: float) -> float:
    """To one significant digit, upwards: the same figure from runs that differ in the last bits."""
    if error == 0 or not math.isfinite(error):
        return error
    unit = 10.0 ** math.floor(math.log10(error))
    return float(f"{math.ceil(error / unit * (1 - 1e-12)) * unit:.0e}")


def difference(got: Array, want: Array) -> float:
    """The error of one array; infinite where a NaN stands against a number."""
    if want.size == 0:
        return 0.0
    scale = max(1.0, float(np.nanmax(np.abs(want.astype(np.float64)), initial=0.0)))
    gap = np.abs(got.astype(np.float64) - want.astype(np.float64))
    both_nan = np.isnan(got.astype(np.float64)) & np.isnan(want.astype(np.float64))
    gap = np.where(both_nan, 0.0, np.where(np.isnan(gap), np.inf, gap))
    return float(gap.max()) / scale


def compared(got: Outputs, want: Outputs, where: str) -> tuple[float, int]:
    """The largest error over all outputs, and how many values were compared.

    Raises:
        ProofError: an output has another shape or type.
    """
    worst, count = 0.0, 0
    for name, reference in want.items():
        found = got[name]
        if found.shape != reference.shape:
            raise ProofError(
                f"{where}: output {name} is {list(found.shape)} where the reference is "
                f"{list(reference.shape)}"
            )
        worst = max(worst, difference(found, reference))
        count += reference.size
    return worst, count


def sizes_to_prove(dims: DynamicAxes, least: Sizes) -> list[dict[str, int]]:
    """The example's sizes, then each symbol at its least and at other sizes, then each mode.

    The sizes tracing saw are only the first of them: this is what catches frozen dimensions.
    """
    example = dict(dims.example)
    chosen = [example]
    for symbol, size in example.items():
        for other in (least.get(symbol, 1), size + 1, 2 * size + 3):
            chosen.append({**example, symbol: other})
    chosen.append({symbol: size + 2 + i for i, (symbol, size) in enumerate(example.items())})
    for mode in dims.modes or {}:
        holding = [it for it in grid(dims.symbols) if dims.mode_holds(mode, it)]
        chosen += [holding[len(holding) // 3], holding[len(holding) * 2 // 3]]
    allowed = [it for it in chosen if dims.allows(it) and _long_enough(it, least)]
    return list({tuple(it.items()): it for it in allowed}.values())


def _long_enough(sizes: Sizes, least: Sizes) -> bool:
    return all(size >= least.get(symbol, 0) for symbol, size in sizes.items())


def prove_whole(
    whole: Model,
    reference: Peer,
    runs: Sequence[Sizes],
    draw: Sampler,
    example: Inputs,
    *,
    claim: str = "whole",
) -> list[Proof]:
    """Run the whole model and its source (or a peer) at several sizes; the first is the example's.

    The source at the example's sizes is a proof of its own: a bundle's reference tensors hold
    it, so that its files alone can check it again.

    Raises:
        FrozenDimError: they agree at the example's sizes alone.
        ProofError: they do not agree.
    """
    drawn = [dict(example), *(draw(sizes) for sizes in runs[1:])]
    results = _results(whole, drawn)
    found: list[tuple[float, int]] = []
    for i, (sizes, inputs) in enumerate(zip(runs, drawn, strict=True)):
        where = f"model.nnef.tgz against {reference.name} at {format_sizes(sizes)}"
        try:
            want = reference.run(inputs)
            got = results[i]
            if isinstance(got, EngineError):
                raise got
            error, values = compared(got, want, where)
        except (EngineError, ProofError, RuntimeError, ValueError, IndexError) as problem:
            if i > 0:
                raise _frozen(runs[0], sizes, str(problem)) from problem
            raise
        if error > WHOLE_TOLERANCE:
            if i > 0:
                raise _frozen(runs[0], sizes, f"outputs differ by {error:.1g}")
            raise ProofError(f"{where}: outputs differ by {error:.1g}, over {WHOLE_TOLERANCE:.0e}")
        found.append((error, values))

    def proof(part: slice, again: bool) -> Proof:
        return Proof(
            claim=claim,
            file="model.nnef.tgz",
            against=reference.name,
            sizes=tuple(runs[part]),
            tolerance=WHOLE_TOLERANCE,
            largest_error=max(error for error, _ in found[part]),
            compared_length=sum(values for _, values in found[part]),
            again=again,
        )

    if claim != "whole":
        return [proof(slice(None), False)]
    return [proof(slice(1), True), *([proof(slice(1, None), False)] if runs[1:] else [])]


def _results(whole: Model, drawn: list[dict[str, Array]]) -> list[Outputs | EngineError]:
    try:
        return run_isolated(run_each, whole, drawn)
    except EngineError:
        # It died on one of them: find out on which.
        return [_alone(whole, inputs) for inputs in drawn]


def _alone(whole: Model, inputs: dict[str, Array]) -> Outputs | EngineError:
    try:
        return run_isolated(run_each, whole, [inputs])[0]
    except EngineError as error:
        return error


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


def _frozen(example: Sizes, sizes: Sizes, reason: str) -> FrozenDimError:
    moved = [it for it in sizes if sizes[it] != example[it]]
    return FrozenDimError(
        f"{' and '.join(moved)} does not stay open: right at the example's "
        f"{format_sizes(example)}, wrong at {format_sizes(sizes)} ({reason.splitlines()[0]}); "
        "compute that size from the input's shape in forward, or add an assert that excludes it"
    )
