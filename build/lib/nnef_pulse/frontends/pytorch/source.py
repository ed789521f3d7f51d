"""From a module and example inputs to a `Source`: checked, traced and translated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import torch

from nnef_pulse.engine.model import Array
from nnef_pulse.errors import StatefulError, UsageError
from nnef_pulse.frontends.axes import Axes, check_axes
from nnef_pulse.frontends.fixing import Value, fixed
from nnef_pulse.frontends.pytorch import forward
from nnef_pulse.frontends.pytorch.call_sizes import enlarged
from nnef_pulse.frontends.pytorch.forward import Tensors, borrowed
from nnef_pulse.frontends.pytorch.outputs import plan_outputs
from nnef_pulse.frontends.pytorch.single_precision import (
    in_single_precision,
    narrowed,
    widened,
)
from nnef_pulse.frontends.pytorch.steps import precision_of, steps
from nnef_pulse.frontends.pytorch.translation import reproducible, translated
from nnef_pulse.frontends.source import Source

_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)


def source(
    model: torch.nn.Module,
    inputs: Mapping[str, torch.Tensor],
    *,
    axes: Axes,
    asserts: Sequence[str] = (),
    modes: Mapping[str, str | Sequence[str]] | None = None,
    outputs: Sequence[str] = (),
    fix: Mapping[str, Value | Mapping[int, int]] | None = None,
) -> Source:
    """Trace a module and translate it.

    Args:
        model: a module whose forward takes and returns tensors (tuples, lists and dicts of
            tensors are fine as outputs). It runs in eval mode; mode, buffers and attributes are
            afterwards as before.
        inputs: input name to example tensor, which is copied. When all are names of forward's
            parameters each goes to its own, else they go by position.
        axes: input name to axis to symbol.
        asserts: comparisons over the symbols.
        modes: mode name to comparisons.
        outputs: names for the outputs, instead of `output` or `output_0`, `output_1`…
        fix: input name to a value for all of it, or to axis and size.

    Raises:
        UsageError: inputs, axes, asserts or modes make no sense for this model.
        StatefulError: the module gives another answer on a second call.
        DataBranchError: forward's Python code reads a value of the data.
        UnsupportedError: torch_to_nnef cannot translate the module.
    """
    for name, tensor in inputs.items():
        if not isinstance(tensor, torch.Tensor):
            raise UsageError(f"the example of {name} is {type(tensor).__name__}, not a tensor")
        if not _NAME.match(name):
            raise UsageError(f"input {name!r} cannot be a name: use letters, digits and _")
    chosen = fixed(fix or {}, {name: it.dim() for name, it in inputs.items()}, axes)
    sized = {name: enlarged(it, chosen.sizes.get(name, {}).items()) for name, it in inputs.items()}
    values = {name: torch.full_like(sized[name], it) for name, it in chosen.values.items()}
    inputs = {name: it for name, it in sized.items() if name not in values}
    call = forward.Signature(model, list(sized), values)
    ordered = {name: inputs[name] for name in call.order}
    dims = check_axes({name: tuple(it.shape) for name, it in ordered.items()}, axes, asserts, modes)

    def run(tensors: Tensors) -> Tensors:
        copies = {name: tensor.detach().clone() for name, tensor in tensors.items()}
        with borrowed(model), reproducible():
            flat = forward.flatten(call.call(model, copies), ordered)
        return dict(zip(outputs or flat, flat.values(), strict=True))

    def run_arrays(arrays: Mapping[str, Array]) -> dict[str, Array]:
        tensors = {name: torch.from_numpy(arrays[name]) for name in ordered}
        results = widened(run(narrowed(tensors, ordered)))
        return {name: it.detach().numpy() for name, it in results.items()}

    _check_stateless(model, call, ordered)
    wide = widened(ordered)
    with reproducible(), borrowed(model), in_single_precision(model) as casts:
        plan = plan_outputs(model, call, wide, outputs, open_axes=bool(dims.symbols))
        archive = translated(model, call, wide, plan, dims)
    return Source(
        framework=f"PyTorch {torch.__version__.split('+')[0]}",
        described=f"{type(model).__name__}, a PyTorch module",
        example={name: it.detach().clone().numpy() for name, it in wide.items()},
        dims=dims,
        archive=archive,
        run=run_arrays,
        precision="bf16" if casts.found else precision_of(model, ordered),
        steps=lambda: steps(model, lambda: run(ordered)),
    )


def _check_stateless(
    model: torch.nn.Module, call: forward.Signature, inputs: Mapping[str, torch.Tensor]
) -> None:
    """Refuse a module whose second answer to the same inputs differs from its first."""
    with borrowed(model), reproducible():
        changed = forward.changed_attributes(model)
        first, second = (_example_outputs(model, call, inputs) for _ in range(2))
        names = changed()
    same = first.keys() == second.keys() and all(
        one.shape == two.shape and torch.allclose(one, two, 1e-4, 1e-6, equal_nan=True)
        for one, two in zip(first.values(), second.values(), strict=True)
    )
    if same:
        return
    if names:
        raise StatefulError(
            f"forward keeps state between calls in {', '.join(names[:3])}, so a second call gives "
            "another answer; start every call from the same state: the engine keeps a stream's"
        )
    raise StatefulError(
        "forward gives another answer on a second call with the same inputs: it draws random "
        "numbers in eval mode, or keeps state outside the module; make it depend on inputs alone"
    )


def _example_outputs(
    model: torch.nn.Module, call: forward.Signature, inputs: Mapping[str, torch.Tensor]
) -> Tensors:
    copies = {name: it.detach().clone() for name, it in inputs.items()}
    try:
        result = call.call(model, copies)
    except Exception as error:  # whatever the author's code raises
        lines = str(error).strip().splitlines() or [""]
        raise UsageError(
            f"forward fails on the example inputs: {type(error).__name__}: {lines[0]}"
        ) from error
    return forward.flatten(result, inputs)
