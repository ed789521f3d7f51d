"""Which inputs and outputs a trace can have, and which are written into the text beside it.

torch_to_nnef knows no output that is an input, that is another output, or that no input reaches,
and no input that reaches no output.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch_to_nnef.nnef_io.writer import write_nnef_tensor

from nnef_pulse.errors import UnsupportedError, UsageError
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.frontends.pytorch.data_flow import DataFlow, Level
from nnef_pulse.frontends.pytorch.forward import Signature, Tensors, borrowed, flatten
from nnef_pulse.frontends.pytorch.graph_uses import inputs_reaching
from nnef_pulse.frontends.silence import silence_output
from nnef_pulse.nnef.archive import GRAPH, Archive

_HEADER = re.compile(r"^graph \w+\([^)]*\) -> \([^)]*\)\s*\{", re.MULTILINE)
_EXTERNAL = re.compile(r"^ *(\w+) = tract_core_external\([^;]*;\n", re.MULTILINE)
_LAST_LINE = re.compile(r"\n\}\s*\Z")


@dataclass(frozen=True)
class OutputPlan:
    """Every output by name, in order."""

    names: tuple[str, ...]
    traced: tuple[int, ...]
    """Positions of those that the trace computes."""
    aliases: Mapping[str, str]
    """Output name to the input or output that is the same tensor."""
    constants: Tensors
    """Output name to its value, the same for all inputs."""
    used: tuple[str, ...]
    """Inputs that the traced outputs depend on."""
    plain: bool
    """Whether forward returns one tensor or a flat tuple, all of it traced."""

    def completed(
        self, archive: Archive | None, inputs: Mapping[str, torch.Tensor], dims: DynamicAxes
    ) -> Archive:
        """The archive of the traced outputs with the others added; None when none is traced."""
        if archive is None:
            archive = _empty(dims)
        unused = [name for name in inputs if not self.traced or name not in self.used]
        if not (unused or self.aliases or self.constants):
            return archive
        files = dict(archive.files)
        # tract takes the order of inputs from these lines, not from the header.
        given = {it[1]: it[0].rstrip("\n") for it in _EXTERNAL.finditer(archive.text)}
        externals = [
            given[name] if name in given else _external(name, inputs[name], dims) for name in inputs
        ]
        lines = [f"    {name} = copy({same});" for name, same in self.aliases.items()]
        for name, value in self.constants.items():
            shape = ", ".join(map(str, value.shape))
            lines.append(f"    {name} = variable<scalar>(label = '{name}', shape = [{shape}]);")
            files[f"{name}.dat"] = _dat(value)
        text = _EXTERNAL.sub("", archive.text)
        text = _LAST_LINE.sub("\n" + "\n".join([*lines, "}\n"]), text)
        header = f"graph network({', '.join(inputs)}) -> ({', '.join(self.names)})\n{{"
        text = _HEADER.sub("\n".join([header, *externals]), text, count=1)
        return Archive(files).with_text(text)


class _Recorder(nn.Module):
    """Traced in place of a model, to see its outputs while the tracer is at work."""

    def __init__(self, model: nn.Module, call: Signature) -> None:
        super().__init__()
        self.model = model
        self.call = call

    def forward(self, *tensors: Any) -> tuple[torch.Tensor, ...]:
        inputs = dict(zip(self.call.order, tensors, strict=True))
        with DataFlow(tensors) as flow:
            result = self.call.call(self.model, inputs)
            self.outputs = flatten(result, inputs)
        self.plain = isinstance(result, torch.Tensor) or (
            isinstance(result, (tuple, list)) and all(isinstance(it, torch.Tensor) for it in result)
        )
        self.levels = [flow.level(it) for it in self.outputs.values()]
        self.inputs = inputs
        return tuple(it + 0 for it in self.outputs.values())


def plan_outputs(
    model: nn.Module,
    call: Signature,
    inputs: Mapping[str, torch.Tensor],
    names: Sequence[str],
    *,
    open_axes: bool,
) -> OutputPlan:
    """Run forward once under the tracer and sort its outputs.

    Raises:
        DataBranchError: Python code in forward reads a value of the data.
        UsageError: `names` are not as many as the outputs.
    """
    recorder = _Recorder(model, call)
    copies = tuple(inputs[name].detach().clone() for name in call.order)
    with borrowed(model), silence_output():
        try:
            trace = torch.jit.trace(  # type: ignore[no-untyped-call]
                recorder, copies, check_trace=False, strict=False
            )
        except RuntimeError as error:
            raise UnsupportedError(
                f"torch.jit.trace cannot follow forward: {str(error).strip().splitlines()[0]}"
            ) from error
    flat = recorder.outputs
    if names and len(names) != len(flat):
        raise UsageError(f"forward has {len(flat)} outputs, and {len(names)} names were given")
    known = {_identity(tensor): name for name, tensor in recorder.inputs.items()}
    traced: list[int] = []
    aliases: dict[str, str] = {}
    constants: Tensors = {}
    chosen = tuple(names or flat)
    scripted = any(isinstance(it, torch.jit.ScriptModule) for it in model.modules())
    for i, (name, tensor) in enumerate(zip(chosen, flat.values(), strict=True)):
        level = recorder.levels[i]
        # TorchScript runs without Python: no call of it is seen, and the graph alone knows.
        if scripted and inputs_reaching(trace.inlined_graph, [i]):
            level = Level.VALUES
        same = known.setdefault(_identity(tensor), name)
        if same != name:
            aliases[name] = same
        elif level is Level.NOTHING or (level is Level.SIZES and not open_axes):
            constants[name] = tensor.detach().clone()
        else:
            traced.append(i)
    plain = recorder.plain and len(traced) == len(flat)
    reaching = inputs_reaching(trace.inlined_graph, traced)
    used = tuple(name for i, name in enumerate(call.order) if i in reaching)
    plain = plain and len(used) == len(call.order)
    return OutputPlan(chosen, tuple(traced), aliases, constants, used, plain)


def _identity(tensor: torch.Tensor) -> tuple[object, ...]:
    # Under a trace a size is a tensor: compare numbers.
    return (tensor.data_ptr(), tuple(map(int, tensor.shape)), tensor.stride(), tensor.dtype)


def _empty(dims: DynamicAxes) -> Archive:
    lines = [f"extension {it};" for it in _extensions(dims)]
    text = "\n".join(["version 1.0;", "", *lines, "", "graph network() -> () {", "}", ""])
    return Archive({GRAPH: text.encode()})


def _external(name: str, tensor: torch.Tensor, dims: DynamicAxes) -> str:
    named = dims.axes.get(name, {})
    shape = ", ".join(str(named.get(axis, size)) for axis, size in enumerate(tensor.shape))
    kind = _TRACT_TYPES[tensor.dtype]
    return f"    {name} = tract_core_external(shape = [{shape}], datum_type = '{kind}');"


def _extensions(dims: DynamicAxes) -> list[str]:
    symbols = [f"tract_symbol {symbol}" for symbol in dims.symbols]
    return ["tract_registry tract_core", *symbols, *dims.extensions()]


_TRACT_TYPES = {
    torch.float32: "f32",
    torch.float64: "f64",
    torch.float16: "f16",
    torch.int8: "i8",
    torch.int16: "i16",
    torch.int32: "i32",
    torch.int64: "i64",
    torch.uint8: "u8",
    torch.bool: "bool",
}


def _dat(value: torch.Tensor) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "value.dat")
        write_nnef_tensor(value.numpy(), str(path), quantized=False)
        return path.read_bytes()
