"""Data the weights never saw goes with the bundle."""

import safetensors.numpy
import torch
from torch import nn

from nnef_pulse import export_bundle
from nnef_pulse.bundle.verify import verify


def test_a_bundle_carries_its_held_out_data_as_given(tmp_path):
    model = nn.Linear(4, 3)
    held_out = {"x": torch.rand(5, 4), "expected": torch.tensor([0, 2, 1, 1, 0])}
    made = export_bundle(
        model,
        {"x": torch.rand(2, 4)},
        tmp_path / "linear",
        axes={"x": {0: "B"}},
        held_out=held_out,
    )
    stored = safetensors.numpy.load((made.path / "held-out.safetensors").read_bytes())
    assert {name: array.tolist() for name, array in stored.items()} == {
        name: tensor.tolist() for name, tensor in held_out.items()
    }
    assert "held-out.safetensors" in [entry["path"] for entry in made.manifest["files"]]
    assert verify(made.path) > 0
