"""Makes what one case of the benchmark needs: our archive, the same model as ONNX, inputs.

    python models.py CASE BUNDLES FOLDER

BUNDLES holds the site's bundles. FOLDER gets `ours.nnef.tgz`, `theirs.onnx`,
`inputs.safetensors` and `case.json`.

A stream's rival has no state between calls, so each pulse costs it a run over a window of the
past. The window is the shortest, in whole pulses, whose last frames are the stream's to
`_STREAM_TOLERANCE` wherever it was looked; with a recurrent layer that favours the rival.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
import warnings
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor, nn
from torchvision.models import VisionTransformer
from transformers import AlbertConfig, AlbertModel

from nnef_pulse import recipes
from nnef_pulse.bundle.export import export_bundle
from nnef_pulse.recipes.albert import Albert
from nnef_pulse.recipes.custom_deepspeech import strips

_STREAM_TOLERANCE = 1e-3
_SAMPLE = Path(__file__).parents[2] / "web" / "site" / "sample" / "sample.wav"

Axes = Mapping[str, Mapping[int, str]]
Inputs = dict[str, Tensor]


@dataclass(frozen=True)
class Case:
    """A model, its open axes, and what is timed."""

    model: nn.Module
    inputs: Inputs
    axes: Axes
    outputs: Sequence[str]
    bundle: str | None = None
    """The site's bundle; without one, the model is exported here."""
    pulse: int | None = None
    """Frames of the one input that are fed at a time, where the case is a stream."""


def _of_recipe(name: str, inputs: Inputs, pulse: int | None = None) -> Case:
    spec = recipes.find(name).spec({})
    return Case(spec.model.eval(), inputs, spec.axes, spec.outputs, name, pulse)


def _deepspeech() -> Case:
    strip, _ = strips(torch.Generator().manual_seed(7), 1, 512)
    return _of_recipe("custom-deepspeech", {"melbank": strip}, pulse=8)


def _marblenet() -> Case:
    with wave.open(str(_SAMPLE)) as sound:
        items = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    samples = torch.from_numpy(items.astype(np.float32) / 32768)[None, : 640 * 128]
    return _of_recipe("marblenet-vad", {"samples": samples}, pulse=640)


def _digits() -> Case:
    image = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(7)) * 16
    return _of_recipe("digits-vit", {"image": image})


def _language_model(new: int, past: int) -> Case:
    rng = torch.Generator().manual_seed(7)
    tokens = torch.randint(0, 12, (1, new), generator=rng)
    keys, values = (torch.randn(3, 4, past, 32, generator=rng) for _ in range(2))
    inputs = {"tokens": tokens, "past_keys": keys, "past_values": values}
    return _of_recipe("kv-cache-lm", inputs)


def _vit() -> Case:
    torch.manual_seed(0)
    model = VisionTransformer(
        image_size=224, patch_size=16, num_layers=4, num_heads=6, hidden_dim=384, mlp_dim=1536
    )
    nn.init.trunc_normal_(model.heads.head.weight, std=0.02)
    image = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(7))
    return Case(model.eval(), {"input": image}, {"input": {0: "B"}}, ["output"])


def _albert() -> Case:
    torch.manual_seed(0)
    config = AlbertConfig(
        vocab_size=1000,
        embedding_size=128,
        hidden_size=256,
        num_hidden_layers=6,
        num_attention_heads=4,
        intermediate_size=1024,
        attn_implementation="eager",
    )
    ids = torch.randint(0, 1000, (1, 64), generator=torch.Generator().manual_seed(7))
    inputs = {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "token_type_ids": torch.zeros_like(ids),
    }
    axes = {name: {0: "B", 1: "S"} for name in inputs}
    return Case(Albert(AlbertModel(config)).eval(), inputs, axes, ["output"])


CASES: Mapping[str, Callable[[], Case]] = {
    "custom-deepspeech/stream": _deepspeech,
    "marblenet-vad/stream": _marblenet,
    "digits-vit": _digits,
    "vit-4x384": _vit,
    "albert-6x256": _albert,
    "kv-cache-lm/token": lambda: _language_model(new=1, past=40),
    "kv-cache-lm/prompt": lambda: _language_model(new=40, past=0),
}


def _named(case: Case) -> list[str]:
    if case.outputs:
        return list(case.outputs)
    with torch.no_grad():
        count = len(result) if isinstance(result := _whole(case), tuple) else 1
    return [f"output_{k}" for k in range(count)]


def _whole(case: Case) -> Tensor | tuple[Tensor, ...]:
    with torch.no_grad():
        result: Tensor | tuple[Tensor, ...] = case.model(*case.inputs.values())
    return result


def _to_onnx(case: Case, path: Path) -> None:
    # Traced with at least two of everything that is open: one would become a constant.
    example = {
        name: torch.cat([tensor] * 2, axis) if tensor.shape[axis] == 1 else tensor
        for name, tensor in case.inputs.items()
        for axis in [max(case.axes.get(name, {0: ""}))]
    }
    example = {
        name: tensor if tensor.numel() else torch.zeros([size or 3 for size in tensor.shape])
        for name, tensor in example.items()
    }
    # torch's newer exporter unrolls a recurrent layer at the traced length.
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            case.model,
            tuple(example.values()),
            str(path),
            input_names=list(case.inputs),
            output_names=_named(case),
            dynamic_axes={name: dict(axes) for name, axes in case.axes.items()},
            opset_version=17,
            dynamo=False,
        )


def _stream_of(case: Case, manifest: Mapping[str, object]) -> dict[str, int]:
    """Pulse, delay, axes and the rival's window, for `case.json`."""
    pulse = case.pulse
    [held] = [it for it in manifest["pulses"] if it["pulse"] == pulse]  # type: ignore[attr-defined]
    [source] = case.inputs.values()
    [input_axis], [output_axis], delay = held["inputAxes"], held["outputAxes"], held["delay"]
    whole = _whole(case)
    assert isinstance(whole, Tensor)
    assert pulse is not None
    per_pulse = _frames_per_pulse(case, input_axis, output_axis)
    pulses = source.shape[input_axis] // pulse

    def newest(frames: Tensor, fed: int) -> Tensor:
        return frames.narrow(output_axis, fed * per_pulse - delay - per_pulse, per_pulse)

    def apart(window: int, fed: int) -> float:
        past = source.narrow(input_axis, (fed - window) * pulse, window * pulse)
        with torch.no_grad():
            part = case.model(past)
        return float((newest(part, window) - newest(whole, fed)).abs().max())

    least = math.ceil((delay + per_pulse) / per_pulse)
    for window in range(least, pulses // 2):
        looked = range(pulses // 2, pulses + 1, 3)
        if all(apart(window, fed) <= _STREAM_TOLERANCE for fed in looked):
            return {
                "pulse": pulse,
                "delay": delay,
                "inputAxis": input_axis,
                "outputAxis": output_axis,
                "framesPerPulse": per_pulse,
                "window": window,
            }
    raise SystemExit("no window of the past gives the stream's own frames")


def _frames_per_pulse(case: Case, input_axis: int, output_axis: int) -> int:
    assert case.pulse is not None
    [source] = case.inputs.values()
    longer, shorter = source, source.narrow(input_axis, 0, source.shape[input_axis] - case.pulse)
    with torch.no_grad():
        sizes = [case.model(it).shape[output_axis] for it in (longer, shorter)]
    return int(sizes[0] - sizes[1])


def make(name: str, bundles: Path, folder: Path) -> None:
    """Fill `folder` for the case of that name."""
    case = CASES[name]()
    torch.set_num_threads(1)
    stream = None
    if case.bundle:
        manifest = json.loads((bundles / case.bundle / "manifest.json").read_text())
        if case.pulse:
            stream = _stream_of(case, manifest)
            [file] = [it["file"] for it in manifest["pulses"] if it["pulse"] == case.pulse]
        else:
            file = "model.nnef.tgz"
        shutil.copy(bundles / case.bundle / file, folder / "ours.nnef.tgz")
    else:
        made = folder / "bundle"
        export_bundle(case.model, case.inputs, made, axes=case.axes, outputs=case.outputs)
        shutil.copy(made / "model.nnef.tgz", folder / "ours.nnef.tgz")
        shutil.rmtree(made)
    _to_onnx(case, folder / "theirs.onnx")
    tensors = {name: tensor.contiguous().numpy() for name, tensor in case.inputs.items()}
    save_file(tensors, folder / "inputs.safetensors")
    said = {"outputs": _named(case), "stream": stream}
    (folder / "case.json").write_text(json.dumps(said))


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
