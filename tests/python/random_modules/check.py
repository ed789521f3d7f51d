"""Exports a random module and holds what its bundle claims to PyTorch, on signals the export never
saw and three times as long. Pulsed archives are stepped in tract here, by the manifest alone."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tract

from nnef_pulse import export_bundle
from nnef_pulse.bundle.files import Bundle
from nnef_pulse.errors import NnefPulseError
from random_modules.grammar import Made, make, signal

# Fresh signals may amplify rounding more than those the export tried. Another function differs by
# far more, and so does a stream that is a frame late.
_LIMIT = 1e-3
_MARGIN = 64


# Ends that must never be. "false": a bundle was written, and its stream is not PyTorch's.
FAULTS = ("false", "unexpected", "abort", "engine-panic", "engine-ended")


@dataclass(frozen=True)
class Result:
    """What became of one seed."""

    seed: int
    cause: str
    """`checked`, `false` where the stream is not PyTorch's, `no cause` where no layer of the module
    explains the refusal, or the refusal's cause or code."""
    said: str = ""
    names: tuple[str, ...] = ()


def check(seed: int) -> Result:
    """Export the module of a seed and compare."""
    made = make(seed)
    with tempfile.TemporaryDirectory() as folder:
        try:
            bundle = export_bundle(
                made.module,
                made.example,
                Path(folder, "random"),
                axes={"x": {2: "S"}},
                pulses={"S": list(made.pulses)},
            )
        except NnefPulseError as error:
            cause = getattr(error, "cause", "") or error.code
            if cause not in made.refuses:
                return Result(seed, "no cause", f"{cause}: {error}", made.names)
            return Result(seed, cause, str(error), made.names)
        except Exception as error:  # an end that is no refusal is a result
            return Result(seed, "unexpected", f"{type(error).__name__}: {error}", made.names)
        wrong = _wrong(made, bundle, seed)
    return Result(seed, "false" if wrong else "checked", wrong, made.names)


def _wrong(made: Made, bundle: Bundle, seed: int) -> str:
    for n, entry in enumerate(bundle.manifest["pulses"]):
        shape = list(made.example["x"].shape)
        shape[2] = 3 * shape[2] + n
        fresh = signal(made.kind, tuple(shape), seed + 7919 * (n + 1))
        want, exact = _source(made, fresh), _source(made, fresh, torch.float64)
        got = _streamed(bundle, entry, fresh.numpy())
        claims = (it for it in bundle.manifest["verified"] if it["file"] == entry["file"])
        tail = max(it.get("tail", {"frames": 0})["frames"] for it in claims)
        for output in entry["outputs"]:
            name, warm = output["name"], output["warmUp"]
            end = want[name].shape[2] - tail
            if end - warm < 8:
                return f"S={entry['pulse']}: {name} compares {end - warm} frames"
            part = slice(warm, end)
            found = got[name][..., part]
            if found.shape != want[name][..., part].shape:
                return f"S={entry['pulse']}: {name} is {found.shape}, not {want[name].shape}"
            noise = _error(want[name][..., part], exact[name][..., part])
            error = _error(found, want[name][..., part])
            if error > max(_LIMIT, _MARGIN * noise):
                return f"S={entry['pulse']}: {name} differs by {error:.1g} (rounding {noise:.1g})"
    return ""


def _error(got: np.ndarray, want: np.ndarray) -> float:
    known = np.abs(want[want != 0])
    scale = float(np.median(known)) if known.size else 1.0
    return float((np.abs(got - want) / np.maximum(np.abs(want), scale)).max(initial=0.0))


def _source(made: Made, x: torch.Tensor, dtype: torch.dtype = torch.float32) -> dict[str, Any]:
    torch.set_default_dtype(dtype)
    try:
        with torch.no_grad():
            outputs = made.module.to(dtype)(x.to(dtype))
    finally:
        torch.set_default_dtype(torch.float32)
        made.module.to(torch.float32)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    names = ["output"] if len(outputs) == 1 else [f"output_{n}" for n in range(len(outputs))]
    return {name: it.numpy() for name, it in zip(names, outputs, strict=True)}


def _streamed(bundle: Bundle, entry: dict[str, Any], x: np.ndarray) -> dict[str, np.ndarray]:
    engine = tract.nnef().with_tract_extra().with_tract_transformers().with_pulse()
    state = engine.load(bundle.path / entry["file"]).into_runnable().spawn_state()
    pulse = entry["pulse"]
    late = max(-(-it["delay"] // it["framesPerPulse"]) for it in entry["outputs"])
    count = -(-x.shape[2] // pulse) + late + 1
    padded = np.zeros((*x.shape[:2], count * pulse), x.dtype)
    padded[..., : x.shape[2]] = x
    parts = [
        [it.to_numpy() for it in state.run([np.ascontiguousarray(padded[..., at : at + pulse])])]
        for at in range(0, count * pulse, pulse)
    ]
    return {
        it["name"]: np.concatenate([part[n] for part in parts], 2)[..., it["delay"] :]
        for n, it in enumerate(entry["outputs"])
    }
