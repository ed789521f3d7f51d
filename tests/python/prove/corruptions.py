"""Corrupts finished bundles, checksums repaired, and asks `verify`.

    python tests/python/prove/corruptions.py [COUNT] [SEED]

prints each corruption that `verify` accepts, and ends with 1 if there is one.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import torch
from torch import nn

from nnef_pulse import export_bundle
from nnef_pulse.bundle.verify import verify
from nnef_pulse.errors import NnefPulseError
from nnef_pulse.nnef.archive import Archive

DAT_HEADER = 128


class TwoHeads(nn.Module):
    """Two outputs of one shape with delays of their own, and a recurrence."""

    def __init__(self) -> None:
        super().__init__()
        self.far, self.near = nn.Conv1d(4, 4, 9, padding=4), nn.Conv1d(4, 4, 3, padding=1)
        self.rnn = nn.GRU(4, 4, batch_first=True)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.far(x), self.rnn(self.near(x).transpose(1, 2))[0].transpose(1, 2)


def make(folder: Path) -> list[Path]:
    """Two finished bundles of the same class with other weights."""
    made = []
    for seed in range(2):
        torch.manual_seed(seed)
        example = {"x": torch.randn(1, 4, 32)}
        out = folder / str(seed) / "two-heads"
        axes, pulses = {"x": {2: "S"}}, {"S": [4, 8]}
        made.append(export_bundle(TwoHeads(), example, out, axes=axes, pulses=pulses).path)
    return made


Manifest = dict[str, Any]
Corruption = Callable[[Path, Manifest, random.Random, Path], None]


def _pulse_file(manifest: Manifest, rng: random.Random) -> Any:
    return rng.choice(manifest["pulses"])


def _delay(path: Path, manifest: Manifest, rng: random.Random, other: Path) -> None:
    entry, step = _pulse_file(manifest, rng), rng.choice((-1, 1))
    output = rng.randrange(2)
    entry["outputs"][output]["delay"] += step
    if output == 0:
        entry["delay"] += step
    archive = Archive.from_bytes((path / entry["file"]).read_bytes())
    delays = [it["delay"] for it in entry["outputs"]]
    before = delays.copy()
    before[output] -= step
    text = archive.text.replace(f"[{before[0]}, {before[1]}]", f"[{delays[0]}, {delays[1]}]", 1)
    if text == archive.text:
        raise AssertionError("the text states its delays otherwise")
    (path / entry["file"]).write_bytes(archive.with_text(text).to_bytes())


def _delay_claim(path: Path, manifest: Manifest, rng: random.Random, other: Path) -> None:
    entry = _pulse_file(manifest, rng)
    rng.choice(entry["outputs"])[rng.choice(("delay", "framesPerPulse", "warmUp"))] += 1


def _weight(path: Path, manifest: Manifest, rng: random.Random, other: Path) -> None:
    name = rng.choice(["model.nnef.tgz", *(it["file"] for it in manifest["pulses"])])
    archive = Archive.from_bytes((path / name).read_bytes())
    files = dict(archive.files)
    label = rng.choice([it for it in files if it.endswith(".dat") and len(files[it]) > 140])
    data = bytearray(files[label])
    values = np.frombuffer(bytes(data[DAT_HEADER:]), np.float32).copy()
    values[rng.choice(np.flatnonzero(values).tolist())] *= 1 + rng.choice((0.01, 0.1, 1.0))
    files[label] = bytes(data[:DAT_HEADER]) + values.tobytes()
    (path / name).write_bytes(Archive(files).to_bytes())


def _swapped(path: Path, manifest: Manifest, rng: random.Random, other: Path) -> None:
    name = rng.choice(["model.nnef.tgz", *(it["file"] for it in manifest["pulses"])])
    archive = Archive.from_bytes((path / name).read_bytes())
    text = archive.text.replace("(output_0, output_1)", "(output_1, output_0)", 1)
    if text == archive.text:
        raise AssertionError("the text names its outputs otherwise")
    (path / name).write_bytes(archive.with_text(text).to_bytes())


def _swapped_names(path: Path, manifest: Manifest, rng: random.Random, other: Path) -> None:
    rng.choice([manifest["outputs"], _pulse_file(manifest, rng)["outputs"]]).reverse()


def _tolerance(path: Path, manifest: Manifest, rng: random.Random, other: Path) -> None:
    rng.choice(manifest["verified"])["tolerance"] *= rng.choice((1.1, 10, 1000))


def _other_pulse(path: Path, manifest: Manifest, rng: random.Random, other: Path) -> None:
    name = _pulse_file(manifest, rng)["file"]
    shutil.copy(other / name, path / name)


def _other_model(path: Path, manifest: Manifest, rng: random.Random, other: Path) -> None:
    shutil.copy(other / "model.nnef.tgz", path / "model.nnef.tgz")


def _reference(path: Path, manifest: Manifest, rng: random.Random, other: Path) -> None:
    file = path / "reference.safetensors"
    tensors = {name: it.copy() for name, it in safetensors.numpy.load_file(file).items()}
    array = tensors[rng.choice(sorted(tensors))].reshape(-1)
    array[rng.randrange(array.size)] += rng.choice((-1, 1)) * rng.choice((0.001, 0.01, 1.0))
    file.write_bytes(safetensors.numpy.save(tensors))


def _claim(path: Path, manifest: Manifest, rng: random.Random, other: Path) -> None:
    proof = rng.choice([it for it in manifest["verified"] if it["again"]])
    kind = rng.choice(("comparedLength", "reach", "sizes", "variations"))
    if kind == "comparedLength" or "reach" not in proof:
        proof["comparedLength"] += rng.choice((-1, 1))
    elif kind == "reach":
        rng.choice(proof["reach"])["first"] += 1
    elif kind == "sizes":
        proof["sizes"][0]["S"] += 4
    else:
        proof["variations"].pop()


CORRUPTIONS: tuple[Corruption, ...] = (
    *(_delay, _delay_claim, _weight, _swapped, _swapped_names, _tolerance),
    *(_other_pulse, _other_model, _reference, _claim),
)


def accepted(bundles: list[Path], folder: Path, count: int, seed: int) -> list[str]:
    """Names the corruptions, of `count`, that `verify` accepts."""
    found = []
    for n in range(count):
        rng = random.Random(f"{seed} {n}")
        corrupt = CORRUPTIONS[n % len(CORRUPTIONS)]
        good, other = rng.sample(bundles, 2)
        path = folder / str(n) / good.name
        shutil.copytree(good, path)
        manifest = json.loads((path / "manifest.json").read_text())
        corrupt(path, manifest, rng, other)
        for entry in manifest["files"]:
            data = (path / entry["path"]).read_bytes()
            entry.update(size=len(data), sha256=hashlib.sha256(data).hexdigest())
        (path / "manifest.json").write_text(json.dumps(manifest))
        try:
            verify(path)
            found.append(f"{n}: {corrupt.__name__.strip('_')}")
        except NnefPulseError:
            shutil.rmtree(path)
    return found


def main(count: int = 300, seed: int = 0) -> int:
    """Run `count` corruptions and print those that `verify` accepts."""
    with tempfile.TemporaryDirectory() as folder:
        bundles = make(Path(folder, "made"))
        found = accepted(bundles, Path(folder, "corrupted"), count, seed)
    print("\n".join([*found, f"{count - len(found)} of {count} refused"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
