"""Writes the cases every engine is held to: archives, inputs, and what PyTorch answers.

    python tests/conformance/make_cases.py BUNDLES OUT

BUNDLES holds exported recipes, OUT becomes a folder of cases with a `cases.json`. Recipes that are
not among BUNDLES are listed there as missing. Two fixtures are exported here.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from torch import nn

from nnef_pulse.bundle import files as bundles
from nnef_pulse.bundle.export import export_bundle
from nnef_pulse.recipes import find

TOLERANCE = 1e-4


class MarbleNetLike(nn.Module):
    """Separable "same" convolutions with dilation along time, as in MarbleNet: it looks ahead."""

    def __init__(self):
        super().__init__()
        layers = []
        for channels_in, channels_out, kernel, dilation in [(16, 32, 11, 1), (32, 32, 13, 2)]:
            padding = dilation * (kernel - 1) // 2
            layers += [
                nn.Conv1d(
                    channels_in,
                    channels_in,
                    kernel,
                    padding=padding,
                    dilation=dilation,
                    groups=channels_in,
                    bias=False,
                ),
                nn.Conv1d(channels_in, channels_out, 1, bias=False),
                nn.BatchNorm1d(channels_out),
                nn.ReLU(),
            ]
        self.layers = nn.Sequential(*layers, nn.Conv1d(32, 2, 1))

    def forward(self, features):
        """(B, 16, T) to (B, 2, T)."""
        return self.layers(features)


class ImageNet(nn.Module):
    """Convolutions on an image of any height and width."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, stride=2),
            nn.GELU(),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(8, 4, 1),
        )

    def forward(self, image):
        """(1, 3, H, W) to (1, 4, about H/2, about W/2)."""
        return self.layers(image)


def marblenet_like(out):
    torch.manual_seed(1)
    model = MarbleNetLike().eval()
    inputs = {"features": torch.randn(1, 16, 200)}
    axes = {"features": {0: "B", 2: "T"}}
    export_bundle(model, inputs, out, axes=axes, outputs=["logits"])
    runs = [{"features": torch.randn(b, 16, t)} for b, t in [(1, 200), (3, 97)]]
    # What a stream's end is, a pulsed model cannot know: the last 17 frames see padding.
    return model, runs, [{"symbol": "T", "pulse": 10, "run": 0, "tail": 17}]


def image_net(out):
    torch.manual_seed(2)
    model = ImageNet().eval()
    inputs = {"image": torch.randn(1, 3, 32, 48)}
    export_bundle(model, inputs, out, axes={"image": {2: "H", 3: "W"}}, outputs=["map"])
    return model, [{"image": torch.randn(1, 3, h, w)} for h, w in [(32, 48), (17, 64), (9, 9)]], []


def silero_vad(spec):
    torch.manual_seed(3)
    runs = [spec.inputs, {"input": torch.randn(50, 512) / 10}]
    return spec.model, runs, [{"symbol": "T", "pulse": 1, "run": 1, "tail": 0}]


def custom_deepspeech(spec):
    torch.manual_seed(4)
    runs = [{"melbank": torch.rand(b, s, 64)} for b, s in [(1, 13), (2, 100), (1, 203)]]
    pulses = [{"symbol": "S", "pulse": n, "run": 2, "tail": 0} for n in (4, 8, 16)]
    return spec.model, runs, pulses


def digits_vit(spec):
    torch.manual_seed(5)
    return spec.model, [{"image": torch.rand(b, 1, 8, 8)} for b in (1, 3, 5)], []


def albert(spec):
    torch.manual_seed(6)
    runs = []
    for b, s in [(1, 1), (2, 7), (3, 20)]:
        kept = torch.randint(1, s + 1, (b, 1))
        runs.append(
            {
                "input_ids": torch.randint(0, 1000, (b, s)),
                "attention_mask": (torch.arange(s)[None] < kept).long(),
                "token_type_ids": torch.randint(0, 2, (b, s)),
            }
        )
    return spec.model, runs, []


def kv_cache_lm(spec):
    """A prompt at once, then token by token with the cache it left."""
    tokens = torch.randint(0, 10, (1, 20), generator=torch.Generator().manual_seed(7))
    empty = {name: spec.inputs[name][:, :, :0] for name in ("past_keys", "past_values")}
    runs = [{"tokens": tokens[:, :16], **empty}]
    with torch.no_grad():
        for at in range(16, 20):
            _, keys, values = spec.model(*runs[-1].values())
            runs.append(
                {"tokens": tokens[:, at : at + 1], "past_keys": keys, "past_values": values}
            )
    return spec.model, runs, []


FIXTURES = {"marblenet-like": marblenet_like, "image-net": image_net}
RECIPES = {
    "silero-vad": silero_vad,
    "custom-deepspeech": custom_deepspeech,
    "digits-vit": digits_vit,
    "albert": albert,
    "kv-cache-lm": kv_cache_lm,
}


def answers(model, run, names):
    with torch.no_grad():
        given = model.eval()(*run.values())
    given = given if isinstance(given, tuple) else (given,)
    return dict(zip(names, given, strict=True))


def write(name, archive, model, runs, streams, out):
    """One case: its archive, its runs as safetensors, and how they belong together."""
    names = [it["name"] for it in json.loads((archive / "manifest.json").read_text())["outputs"]]
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(archive / "model.nnef.tgz", folder / "model.nnef.tgz")
    tensors = {}
    for number, run in enumerate(runs):
        tensors |= {f"{number}.in.{key}": value for key, value in run.items()}
        found = answers(model, run, names)
        tensors |= {f"{number}.out.{key}": value for key, value in found.items()}
    numpy = {key: value.contiguous().numpy() for key, value in tensors.items()}
    (folder / "runs.safetensors").write_bytes(bundles.tensors_to_bytes(numpy))
    return {"name": name, "tolerance": TOLERANCE, "runs": len(runs), "streams": streams}


def main(made, out):
    shutil.rmtree(out, ignore_errors=True)
    cases, missing = [], []
    for name, make in FIXTURES.items():
        archive = out / "exported" / name
        cases.append(write(name, archive, *make(archive), out))
    for name, make in RECIPES.items():
        if (made / name / "manifest.json").exists():
            cases.append(write(name, made / name, *make(find(name).spec({})), out))
        else:
            missing.append(name)
    text = json.dumps({"cases": cases, "missing": missing}, indent=2)
    (out / "cases.json").write_text(text + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: make_cases.py BUNDLES OUT")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
