"""Compares the whole model with its source, at several sizes and on inputs of several kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nnef_pulse.engine.model import Array, Model
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.errors import (
    DataBranchError,
    EngineError,
    ExampleError,
    FrozenDimError,
    NnefPulseError,
    ProofError,
)
from nnef_pulse.frontends.axes import DynamicAxes, grid
from nnef_pulse.nnef.dimensions import Sizes
from nnef_pulse.prove.comparison import (
    MOST_AMPLIFIED,
    Outputs,
    Peer,
    Proof,
    compared,
    format_run,
    format_sizes,
    rounding,
    run_each,
)
from nnef_pulse.prove.sample_inputs import LIKE_EXAMPLE, VARIATIONS, Inputs, InputSampler, Run
from nnef_pulse.prove.tolerance import OutputScales, Tolerance


def sizes_to_prove(dims: DynamicAxes, least: Sizes) -> list[dict[str, int]]:
    """The example's sizes, then each symbol at its least and at other sizes, then each mode.

    The sizes tracing saw are only the first of them: this is what catches frozen dimensions.
    """
    example = dict(dims.example)
    chosen = [example]
    for symbol, size in example.items():
        for other in (least.get(symbol, 1), size + 1, 3 * size + 2):
            chosen.append({**example, symbol: other})
    chosen.append({symbol: size + 2 + i for i, (symbol, size) in enumerate(example.items())})
    for mode in dims.modes or {}:
        holding = [it for it in grid(dims.symbols) if dims.mode_holds(mode, it)]
        chosen += [holding[len(holding) // 3], holding[len(holding) * 2 // 3]]
    allowed = [it for it in chosen if dims.allows(it) and _long_enough(it, least)]
    return list({tuple(it.items()): it for it in allowed}.values())


def _long_enough(sizes: Sizes, least: Sizes) -> bool:
    return all(size >= least.get(symbol, 0) for symbol, size in sizes.items())


def runs_of_whole(dims: DynamicAxes, least: Sizes, draw: InputSampler) -> list[Run]:
    """The example first, then it at other sizes, then its sizes with other values."""
    runs = [Run(sizes) for sizes in sizes_to_prove(dims, least)]
    if draw.varies:
        runs += [Run(runs[0].sizes, variation) for variation in VARIATIONS]
    return list({(*it.sizes.items(), it.variation): it for it in runs}.values())


def check_example(answers: Outputs) -> None:
    """The source's answers to the example are numbers.

    Raises:
        ExampleError: they hold NaN.
    """
    for name, answer in answers.items():
        if answer.dtype.kind == "f" and np.isnan(answer).any():
            raise ExampleError(
                f"the example makes {int(np.isnan(answer).sum())} of {answer.size} values of "
                f"output {name} NaN in the source itself, so nothing can be compared; give an "
                "example that the model is defined for, or clamp the argument of its logarithm, "
                "root or division"
            )


def prove_whole(
    whole: Model,
    reference: Peer,
    runs: Sequence[Run],
    draw: InputSampler,
    example: Inputs,
    tolerance: Tolerance,
    *,
    claim: str = "whole",
) -> list[Proof]:
    """Run the whole model and its source (or a peer) on several inputs; the first is the example.

    The source on the example is a proof of its own: a bundle's reference tensors hold it, so that
    its files alone can check it again. Other values than the example's that the source itself
    refuses are left out.

    Raises:
        FrozenDimError: they agree at the example's sizes alone.
        ProofError: they do not agree.
    """
    asked: list[tuple[Run, dict[str, Array], Outputs]] = []
    for i, run in enumerate(runs):
        inputs = dict(example) if i == 0 else draw(run.sizes, run.variation)
        try:
            asked.append((run, inputs, reference.run(inputs)))
        except Exception as problem:
            if run.sizes != runs[0].sizes:
                raise _frozen(runs[0], run, f"the source: {problem}") from problem
            if i == 0:
                raise
    results = _results(whole, [inputs for _, inputs, _ in asked])
    found: list[tuple[Run, float, int]] = []
    amplified = 0.0
    natural = OutputScales()
    for run, _, want in asked:
        if run.variation == LIKE_EXAMPLE:
            natural.learn(want)
    for (run, inputs, want), got in zip(asked, results, strict=True):
        where = f"model.nnef.tgz against {reference.name} at {format_run(run)}"
        error = np.inf
        try:
            if isinstance(got, EngineError):
                raise got
            factor = VARIATIONS[run.variation]
            scales = {name: natural.least(name, factor) for name in want}
            if run is runs[0]:
                _check_example(got, want, where, scales, tolerance.whole)
                scales = {}
            error, values = compared(got, want, where, scales)
            if error > tolerance.whole:
                if tolerance.requested is None:
                    limit = rounding(reference.run, inputs, want, scales, factor=factor)
                    amplified = max(amplified, limit)
                if error > amplified:
                    raise ProofError(
                        f"{where}: outputs differ by {error:.1g}, over {tolerance.whole:.0e}"
                    )
        except NnefPulseError as problem:
            raise _blamed(runs[0], run, problem, error) from problem
        found.append((run, error, values))

    def proof(part: Sequence[tuple[Run, float, int]], again: bool) -> Proof:
        return Proof(
            claim=claim,
            file="model.nnef.tgz",
            against=reference.name,
            runs=tuple(run for run, _, _ in part),
            tolerance=tolerance.whole,
            largest_error=max(error for _, error, _ in part),
            compared_length=sum(values for _, _, values in part),
            again=again,
            rounding=amplified,
        )

    if claim != "whole":
        return [proof(found, False)]
    return [proof(found[:1], True), *([proof(found[1:], False)] if found[1:] else [])]


def _check_example(
    got: Outputs, want: Outputs, where: str, scales: Mapping[str, float], limit: float
) -> None:
    error, _ = compared(got, want, where)
    if error > limit and compared(got, want, where, scales)[0] <= limit:
        raise ExampleError(
            "the example makes the source give rounding errors alone, beside what it gives for "
            "noise, so nothing can be compared; give an example with values as the model meets them"
        )


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


def _blamed(example: Run, run: Run, problem: NnefPulseError, error: float) -> NnefPulseError:
    if run.sizes != example.sizes:
        refused = isinstance(problem, EngineError)
        return _frozen(example, run, "the engine cannot run it" if refused else str(problem))
    if run.variation != example.variation and error > MOST_AMPLIFIED:
        return DataBranchError(
            f"right for the example, wrong for the {run.variation} example ({problem}): forward "
            "decides by a value, and tracing kept the branch of the example; write the decision "
            "as torch.where, or fix it before export"
        )
    return problem


def _frozen(example: Run, run: Run, reason: str) -> FrozenDimError:
    moved = [it for it in run.sizes if run.sizes[it] != example.sizes[it]]
    least = " and ".join(f"'{it} >= {example.sizes[it]}'" for it in moved)
    return FrozenDimError(
        f"{' and '.join(moved)} does not stay open: right at the example's "
        f"{format_sizes(example.sizes)}, wrong at {format_sizes(run.sizes)} "
        f"({reason.splitlines()[0]}); compute that size from the input's shape in forward, or "
        f"exclude it: --assert {least}"
    )
