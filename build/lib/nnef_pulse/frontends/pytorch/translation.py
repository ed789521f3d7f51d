"""torch_to_nnef underneath; nothing is downloaded, nothing of the machine is kept."""

from __future__ import annotations

import contextlib
import logging
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

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
from nnef_pulse.errors import NnefPulseError, UnsupportedError
from nnef_pulse.frontends.axes import Axes, DynamicAxes, axis_size, split_multiple
from nnef_pulse.frontends.pytorch.call_sizes import enlarged, larger_sizes
from nnef_pulse.frontends.pytorch.forward import Signature, borrowed, flatten
from nnef_pulse.frontends.pytorch.outputs import OutputPlan
from nnef_pulse.frontends.pytorch.rewriting import rewritten
from nnef_pulse.frontends.silence import silence_output
from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.rewrite import rewrite, streamed_sums


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
def reproducible() -> Iterator[None]:
    """One thread, and sets that iterate in order of insertion; may be entered again inside.

    torch_to_nnef numbers names while iterating sets of strings' hashes, which change from one
    interpreter to the next.
    """
    threads = torch.get_num_threads()
    modules = [
        module
        for module in (torch_to_nnef.torch_graph.ir_graph, torch_to_nnef.nnef_graph)
        if "set" not in vars(module)
    ]
    torch.set_num_threads(1)
    for module in modules:
        module.set = OrderedSet
    try:
        yield
    finally:
        for module in modules:
            del module.set
        torch.set_num_threads(threads)


def translated(
    model: torch.nn.Module,
    call: Signature,
    inputs: Mapping[str, torch.Tensor],
    plan: OutputPlan,
    dims: DynamicAxes,
) -> Archive:
    """The whole model as an archive, open axes symbolic, asserts and modes as extensions.

    Raises:
        UnsupportedError: torch_to_nnef cannot translate the module.
    """
    copies = tuple(inputs[name].detach().clone() for name in plan.used)
    if not plan.traced:
        return plan.completed(None, inputs, dims)
    with (
        tempfile.TemporaryDirectory() as folder,
        silence_output(),
        reproducible(),
        borrowed(model),
        _flat_forward(model, call, plan, inputs),
        rewritten(model, _open_sizes(inputs, dims.axes), _runs(model, call, inputs, dims)),
    ):
        try:
            path = export_model_to_nnef(
                model,
                copies,
                Path(folder, "model.nnef.tgz"),
                _Target(_symbols(dims.axes, plan.used)),
                input_names=list(plan.used),
                output_names=[plan.names[i] for i in plan.traced],
                compression_level=1,
                log_level=logging.CRITICAL,
                custom_extensions=dims.extensions(),
            )
        except NnefPulseError:
            raise
        except Exception as error:  # torch_to_nnef lets KeyError and AssertionError pass too
            what = "" if isinstance(error, T2NError) else f"{type(error).__name__} "
            raise UnsupportedError(
                f"torch_to_nnef cannot translate {type(model).__name__}: "
                f"{what}{_first_words(error)}"
            ) from error
        archive = streamed_sums(rewrite(Archive.from_bytes(Path(path).read_bytes())))
        archive = _with_multiples(archive, dims.axes)
    return plan.completed(archive, inputs, dims)


@contextlib.contextmanager
def _flat_forward(
    model: torch.nn.Module,
    call: Signature,
    plan: OutputPlan,
    inputs: Mapping[str, torch.Tensor],
) -> Iterator[None]:
    """Give the module a forward by position whose inputs and outputs are those to be traced.

    Names in the text come from the module and its parameters, so a module that needs no such
    forward keeps its own, and one that does is not put inside another.
    """
    own = model.forward

    def flat(*tensors: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        named = {**inputs, **dict(zip(plan.used, tensors, strict=True))}
        results = list(flatten(call.call(own, named), named).values())
        kept = tuple(results[i] for i in plan.traced)
        return kept[0] if len(kept) == 1 else kept

    if not (call.positional and plan.plain):
        model.__dict__["forward"] = flat
    try:
        yield
    finally:
        if model.__dict__.get("forward") is flat:
            del model.__dict__["forward"]


# torch_to_nnef prints the tensors of a call that failed.
_DUMP = re.compile(r"tensor\(.*|NamedTensor\(.*|\(args=.*", re.DOTALL)


def _first_words(error: Exception) -> str:
    text = " ".join(_DUMP.sub("…", str(error)).split())
    return text[:200] or type(error).__name__


def _symbols(axes: Axes, names: Sequence[str]) -> Axes:
    return {
        name: {axis: split_multiple(size)[1] for axis, size in axes[name].items()}
        for name in names
        if name in axes
    }


def _with_multiples(archive: Archive, axes: Axes) -> Archive:
    """Declare inputs `4*S` where asked: torch_to_nnef takes symbols alone."""
    text = archive.text
    for name, named in axes.items():
        for size in named.values():
            factor, symbol = split_multiple(size)
            if factor > 1:
                line = rf"(^ *{name} = tract_core_external\(shape = \[[^\]]*?)(?<!\*)\b{symbol}\b"
                text = re.sub(line, rf"\g<1>{size}", text, count=1, flags=re.MULTILINE)
    return archive.with_text(text)


def _open_sizes(inputs: Mapping[str, torch.Tensor], axes: Axes) -> list[int]:
    return [inputs[name].shape[axis] for name, named in axes.items() for axis in named]


def _runs(
    model: torch.nn.Module,
    call: Signature,
    inputs: Mapping[str, torch.Tensor],
    dims: DynamicAxes,
) -> list[Callable[[], object]]:
    """The example, then larger sizes that the asserts and modes allow."""
    if not dims.symbols:
        return []

    def run(sizes: Mapping[str, int]) -> object:
        given = {
            name: enlarged(
                it.detach().clone(),
                [(axis, axis_size(size, sizes)) for axis, size in dims.axes.get(name, {}).items()],
            )
            for name, it in inputs.items()
        }
        return call.call(model, given)

    return [
        partial(run, it) for it in (dims.example, *larger_sizes(dims.example)) if dims.allows(it)
    ]
