"""The debug bundle: all it takes to see, elsewhere and later, how an export came out.

    python -m nnef_pulse.bundle.debug FOLDER

runs what is in the folder again and says where values first part. `findings.json` holds what that
said when the bundle was made.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import safetensors.numpy

from nnef_pulse.bundle.files import tensors_to_bytes
from nnef_pulse.engine.model import Array, Model
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.errors import BundleError, NnefPulseError, ProofError
from nnef_pulse.frontends.axes import DynamicAxes, check_axes
from nnef_pulse.prove.comparison import compared, run_once
from nnef_pulse.prove.diagnosis.first_apart import first_apart
from nnef_pulse.prove.sample_inputs import Inputs, InputSampler
from nnef_pulse.prove.stream_proof import prove_stream, runs_of_stream
from nnef_pulse.prove.streaming import Pulsed
from nnef_pulse.prove.tolerance import Tolerance

_PACKAGES = ("nnef-pulse", "tract", "torch", "torch_to_nnef", "onnx", "onnxruntime", "numpy")


def keep(
    folder: Path,
    model: bytes,
    dims: DynamicAxes,
    example: Inputs,
    answers: Mapping[str, Array],
    wanted: list[tuple[str, int]],
    problem: NnefPulseError | None,
    limits: Tolerance,
) -> None:
    """Write a debug bundle: the model, its inputs and outputs, a report, and what replaying found.

    Args:
        folder: made when it is not there.
        model: the whole model's archive.
        dims: its open dimensions.
        example: the example inputs.
        answers: what the source framework computed from them.
        wanted: the pulses asked for.
        problem: what went wrong, or None.
        limits: the largest errors allowed.

    Raises:
        BundleError: the folder cannot be written.
    """
    report = {
        "problem": None
        if problem is None
        else {"type": type(problem).__name__, "code": problem.code, "message": str(problem)},
        "axes": {name: dict(named) for name, named in dims.axes.items()},
        "asserts": [it.text for it in dims.asserts],
        "pulses": [{"symbol": symbol, "pulse": pulse} for symbol, pulse in wanted],
        "tolerance": limits.to_json(),
        "versions": _versions(),
        "replay": "python -m nnef_pulse.bundle.debug .",
    }
    contents = {
        "model.nnef.tgz": model,
        "inputs.safetensors": tensors_to_bytes(example),
        "outputs.safetensors": tensors_to_bytes(answers),
        "report.json": (json.dumps(report, indent=2) + "\n").encode(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in contents.items():
            (folder / name).write_bytes(data)
        findings = json.dumps(replay(folder), indent=2) + "\n"
        (folder / "findings.json").write_text(findings)
    except OSError as error:
        raise BundleError(f"{folder} cannot be written: {error.strerror}") from error


def replay(folder: Path) -> dict[str, Any]:
    """Run a debug bundle again: errors, and for each pulse the first operation that differs.

    Raises:
        BundleError: the folder is no debug bundle.
        EngineError: tract cannot load the model at all.
    """
    try:
        report = json.loads((folder / "report.json").read_text())
        inputs = safetensors.numpy.load_file(folder / "inputs.safetensors")
        want = safetensors.numpy.load_file(folder / "outputs.safetensors")
        model = Model((folder / "model.nnef.tgz").read_bytes())
    except OSError as error:
        raise BundleError(f"{folder} is no debug bundle: {error.strerror}") from error
    axes = {
        name: {int(axis): it for axis, it in named.items()}
        for name, named in report["axes"].items()
    }
    limits = Tolerance(**report["tolerance"])
    dims = check_axes({name: it.shape for name, it in inputs.items()}, axes, report["asserts"])
    found: dict[str, Any] = {"versions": _versions()}
    try:
        gap, values = compared(run_isolated(run_once, model, inputs), want, "model.nnef.tgz")
        found["whole"] = {"largestError": gap, "comparedLength": values}
    except NnefPulseError as refused:
        found["whole"] = {"refused": str(refused)}
    for entry in report["pulses"]:
        symbol, pulse = entry["symbol"], entry["pulse"]
        try:
            result = run_isolated(_streamed, model, dims, inputs, symbol, pulse, limits)
        except NnefPulseError as refused:
            result = {"refused": str(refused)}
        found[f"{symbol}={pulse}"] = result
    return found


def _streamed(
    model: Model, dims: DynamicAxes, inputs: Inputs, symbol: str, pulse: int, limits: Tolerance
) -> dict[str, Any]:
    it = Pulsed(symbol, pulse, model.pulsed(symbol, pulse))
    draw = InputSampler(inputs, dims.axes)
    runs = runs_of_stream(it, dims, dims.example[symbol], draw)
    try:
        proof = prove_stream(model, it, runs, draw, limits).proof
    except ProofError as problem:
        first = first_apart(model, dims, symbol, pulse, draw, limits)
        where = first and {
            "operation": first.operation.op,
            "output": first.operation.outputs[0],
            "line": first.operation.line,
        }
        return {"differs": str(problem), "first": where}
    return {"largestError": proof.largest_error, "comparedLength": proof.compared_length}


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m nnef_pulse.bundle.debug FOLDER")
    # By the module's own name: what is __main__ here is another module in an isolated process.
    from nnef_pulse.bundle import debug

    print(json.dumps(debug.replay(Path(sys.argv[1])), indent=2))
