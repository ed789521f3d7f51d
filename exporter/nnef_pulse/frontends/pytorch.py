"""The PyTorch door: torch_to_nnef underneath; nothing downloaded, nothing of the machine kept."""

from __future__ import annotations

import contextlib
import inspect
import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import torch_to_nnef.nnef_graph
import torch_to_nnef.torch_graph.ir_graph
from torch.utils._ordered_set import OrderedSet
from torch_to_nnef.exceptions import T2NError
from torch_to_nnef.export import export_model_to_nnef
from torch_to_nnef.inference_target.base import InferenceTarget
from torch_to_nnef.inference_target.tract import TractNNEF
from torch_to_nnef.utils import SemanticVersion

from nnef_pulse.engine import model as engine
from nnef_pulse.engine.model import Array
from nnef_pulse.errors import UnsupportedError
from nnef_pulse.frontends.axes import Axes, DynamicAxes, check_axes
from nnef_pulse.frontends.silence import silence_output
from nnef_pulse.frontends.source import Source
from nnef_pulse.nnef.rewrite import rewrite
from nnef_pulse.nnef.writer import Archive


class _Target(TractNNEF):  # type: ignore[misc]  # torch_to_nnef ships no types
    """tract as torch_to_nnef sees it, without its command-line binary.

    TractNNEF's own constructor downloads that binary, so only the base's is called; what it sets
    besides is set here. Proof is ours: this package runs tract in process.
    """

    OFFICIAL_SUPPORTED_VERSIONS = (
        SemanticVersion.from_str(engine.VERSION),
        SemanticVersion.from_str("0.22.1"),
    )

    def __init__(self, axes: Axes) -> None:
        InferenceTarget.__init__(self, engine.VERSION, check_io=False)
        self.dynamic_axes = {name: dict(named) for name, named in axes.items()}
        self.feature_flags: set[str] = set()
        self.specific_properties = None
        self.dump_identity_properties = False
        self.force_attention_inner_in_f32 = False
        self.force_linear_accumulation_in_f32 = False
        self.force_norm_in_f32 = False
        # As one operator attention is scalar code in the engine; as products it has kernels.
        self.reify_sdpa_operator = False
        self.upcast_reified_sdpa_inputs_to_f32 = True
        self.native_gated_delta_op = True
        self.upsample_with_debox = False

    def specific_fragments(self, _model: torch.nn.Module) -> dict[str, str]:
        """Nothing: host, user, date and command line stay out of the archive."""
        return {}


@contextlib.contextmanager
def _reproducible() -> Iterator[None]:
    """One thread, and sets that iterate in order of insertion.

    torch_to_nnef numbers names while iterating sets of strings' hashes, which change from one
    interpreter to the next.
    """
    threads = torch.get_num_threads()
    modules = (torch_to_nnef.torch_graph.ir_graph, torch_to_nnef.nnef_graph)
    torch.set_num_threads(1)
    for module in modules:
        module.set = OrderedSet
    try:
        yield
    finally:
        for module in modules:
            del module.set
        torch.set_num_threads(threads)


def source(
    model: torch.nn.Module,
    inputs: Mapping[str, torch.Tensor],
    *,
    axes: Axes,
    asserts: Sequence[str] = (),
    modes: Mapping[str, str | Sequence[str]] | None = None,
    outputs: Sequence[str] = (),
) -> Source:
    """Trace a module and translate it.

    Args:
        model: a module whose forward takes and returns tensors (tuples, lists and dicts of
            tensors are fine as outputs); it is put into eval mode.
        inputs: input name to example tensor. When all are names of forward's parameters they
            are passed in forward's order, else in their own.
        axes: input name to axis to symbol.
        asserts: comparisons over the symbols.
        modes: mode name to comparisons.
        outputs: names for the outputs, instead of `output` or `output_0`, `output_1`…

    Raises:
        UsageError: axes, asserts or modes make no sense for these inputs.
        UnsupportedError: torch_to_nnef cannot translate the module.
    """
    model = model.eval()
    ordered = _in_order(model, inputs)
    dims = check_axes({name: tuple(it.shape) for name, it in ordered.items()}, axes, asserts, modes)
    example = {name: tensor.detach().cpu().numpy() for name, tensor in ordered.items()}
    names = list(outputs) or _output_names(_forward(model, ordered))

    def run(arrays: Mapping[str, Array]) -> dict[str, Array]:
        tensors = {name: torch.from_numpy(arrays[name]) for name in ordered}
        with _reproducible():
            results = _flat(_forward(model, tensors))
        return {name: it.detach().numpy() for name, it in zip(names, results.values(), strict=True)}

    return Source(
        framework=f"PyTorch {torch.__version__.split('+')[0]}",
        described=f"{type(model).__name__}, a PyTorch module",
        example=example,
        dims=dims,
        archive=_translated(model, ordered, dims, names),
        run=run,
    )


def _translated(
    model: torch.nn.Module,
    inputs: Mapping[str, torch.Tensor],
    dims: DynamicAxes,
    outputs: list[str],
) -> Archive:
    with tempfile.TemporaryDirectory() as folder, silence_output(), _reproducible():
        try:
            path = export_model_to_nnef(
                model,
                tuple(inputs.values()),
                Path(folder, "model.nnef.tgz"),
                _Target(dims.axes),
                input_names=list(inputs),
                output_names=outputs,
                compression_level=1,
                log_level=logging.CRITICAL,
                custom_extensions=dims.extensions(),
            )
        except T2NError as error:
            raise UnsupportedError(
                f"torch_to_nnef cannot translate {type(model).__name__}: "
                f"{' '.join(str(error).split()) or type(error).__name__}"
            ) from error
        return rewrite(Archive.from_bytes(Path(path).read_bytes()))


def _in_order(
    model: torch.nn.Module, inputs: Mapping[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    parameters = list(inspect.signature(model.forward).parameters)
    if set(inputs) <= set(parameters):
        return {name: inputs[name] for name in parameters if name in inputs}
    return dict(inputs)


def _forward(model: torch.nn.Module, inputs: Mapping[str, torch.Tensor]) -> Any:
    with torch.no_grad():
        return model(*inputs.values())


def _flat(result: Any) -> dict[str, torch.Tensor]:
    if isinstance(result, torch.Tensor):
        return {"output": result}
    if isinstance(result, Mapping):
        return dict(result)
    if isinstance(result, (tuple, list)):
        return {f"output_{i}": it for i, it in enumerate(result)}
    raise UnsupportedError(
        f"forward returns {type(result).__name__}: return a tensor, or a tuple or dict of tensors"
    )


def _output_names(result: Any) -> list[str]:
    flat = _flat(result)
    for name, value in flat.items():
        if not isinstance(value, torch.Tensor):
            raise UnsupportedError(f"output {name} is {type(value).__name__}, not a tensor")
    return list(flat)
