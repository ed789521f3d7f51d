"""Each known cause by the operation and refusal it stands for, and refusals of whole models."""

import pytest
import torch
from torch import nn

from models import export
from nnef_pulse import errors
from nnef_pulse.bundle.export import export_bundle
from nnef_pulse.bundle.verify import verify
from nnef_pulse.prove.diagnosis.causes import CAUSES, cause_of

# Name of the cause, operation, the engine's reasons, traits; the source's operator where it counts.
ROWS = [
    ("backward", "tract_core_scan", (), {"backward", "frames"}),
    ("last-state", "gru", ("Scan pulse only supports full outputs",), {"frames"}),
    ("softmax-over-time", "softmax", (), {"frames"}),
    ("attention", "matmul", (), {"pairs"}),
    ("attention", "x", ('No pulse for #3 "y" SDPA',), set()),
    ("reduction", "mean_reduce", (), set()),
    ("reduction", "x", ('Pulsifying node #1 "y" Reduce<Sum>',), set()),
    (
        "transposed-convolution",
        "deconv",
        ('No serializer found for node #5 "t" DeconvDelay',),
        set(),
    ),
    ("upsampling", "x", ('No pulse transformation for #1 "y" NearestUpsample',), set()),
    ("concatenation", "x", ("No serializer found for node PulsedSameAxisConcat",), {"frames"}),
    ("concatenation", "concat", (), {"frames"}),
    ("positions", "x", ("No serializer found for node PulsedRange",), {"frames"}),
    ("positions", "gather", (), {"counts"}),
    ("reshape", "reshape", ("Reshape over the pulsed axis",), {"frames"}),
    ("fixed-frame", "slice", (), {"frames"}),
    ("running-sum", "tract_cumsum", (), {"frames"}),
    ("frames-reordered", "tract_core_gather", (), {"frames"}),
    ("unsupported", "x", ("No specific pulse transformation for #1", "…"), {"frames"}),
    ("differs", "x", (), {"frames"}),
    ("order", "tract_core_topk", (), set(), "topk"),
    ("running", "slice", (), set(), "cummax"),
    ("frames-reordered", "sub", (), set(), "flip"),
    ("repetition", "tile", ("Pulsifying Tile",), {"frames"}, "repeat"),
    ("length", "div", ("Undetermined symbol in expression: S",), {"frames"}),
    ("reduction", "matmul", ('Translating node #1 "y" EinSum',), set()),
    ("fixed-frame", "tract_core_gather", (), set(), "select"),
]


@pytest.mark.parametrize("row", ROWS)
def test_a_cause_is_told(row):
    name, op, chain, traits, *operator = row
    assert cause_of(op, chain, frozenset(traits), *operator).name == name


def test_every_cause_has_a_row():
    assert {it.name for it in CAUSES} == {name for name, *_ in ROWS}


class Function(nn.Module):
    """x is (B, S, 8)."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Returned(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 4, batch_first=True)

    def forward(self, x):
        return self.gru(x)


class AcrossFeatures(nn.Module):
    """A recurrence runs both ways, but over features; what cannot stream is the mean after it."""

    def __init__(self):
        super().__init__()
        self.across = nn.LSTM(1, 2, batch_first=True, bidirectional=True)

    def forward(self, x):
        batch, frames, features = x.shape
        y = self.across(x.reshape(batch * frames, features, 1))[0]
        y = y.reshape(batch, frames, features, 4)
        return y - y.mean(1, keepdim=True)


@pytest.mark.parametrize(
    ("model", "error", "said"),
    [
        (AcrossFeatures, errors.GlobalReductionError, r"mean \(test_causes\.py:\d+\)"),
        (Returned, errors.StateOutputError, r"GRU layer gru .*; drop it"),
        (lambda: Function(torch.log), errors.ExampleError, "NaN in the source"),
        (
            lambda: Function(lambda x: x[:, ::2].flip(1) * 1e-6),
            errors.PulseRefusedError,
            r"S: flip \(test_causes\.py:\d+\)",
        ),
    ],
)
def test_the_refusal_names_the_layer_at_fault(tmp_path, model, error, said):
    with pytest.raises(error, match=said):
        export(model(), tmp_path / "out", axes={"x": {1: "S"}})


class TwoDelays(nn.Module):
    def __init__(self):
        super().__init__()
        self.far, self.near = nn.Conv1d(8, 4, 9, padding=4), nn.Conv1d(8, 2, 3, padding=1)

    def forward(self, x):
        wave = x.transpose(1, 2)
        return self.far(wave), self.near(wave)


@pytest.mark.parametrize(
    ("model", "pulses", "delays"),
    [
        (TwoDelays, {"S": 4}, [4, 1]),
        (lambda: Function(lambda x: (x * 2,) * 2), {"S": 4}, [0, 0]),
        (lambda: Function(torch.mean), {}, None),
        (lambda: Function(torch.ones_like), {}, None),
    ],
)
def test_what_is_exported_verifies(tmp_path, model, pulses, delays):
    bundle = export(model(), tmp_path / "out", pulses=pulses)
    assert verify(bundle.path) > 0
    for entry in bundle.manifest["pulses"]:
        assert [it["delay"] for it in entry["outputs"]] == delays
        assert entry["delay"] == delays[0]


class Half(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv1d(4, 8, 3).half(), nn.Conv1d(8, 4, 3).half()

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))


def test_half_precision_is_held_to_its_own_limit_or_to_the_one_asked_for(tmp_path):
    inputs, axes = {"x": torch.randn(1, 4, 64).half()}, {"x": {2: "S"}}
    made = export_bundle(Half(), inputs, tmp_path / "half", axes=axes, pulses={"S": 8})
    assert made.manifest["tolerance"] == {"precision": "f16"}
    assert {it["tolerance"] for it in made.manifest["verified"]} == {1e-2, 5e-3}
    asked = export_bundle(Half(), inputs, tmp_path / "asked", axes=axes, tolerance=0.1)
    assert {it["tolerance"] for it in asked.manifest["verified"]} == {0.1}
    assert verify(asked.path) > 0
    with pytest.raises(errors.ProofError, match="over 1e-06"):
        export_bundle(Half(), inputs, tmp_path / "strict", axes=axes, tolerance=1e-6)


@pytest.mark.parametrize("name", ["Upper", "with space", "-dash"])
def test_a_name_that_is_no_id_is_refused_before_any_work(tmp_path, name):
    def untouched(_):
        raise AssertionError("the model ran")

    with pytest.raises(errors.UsageError, match="cannot name a bundle"):
        export(Function(untouched), tmp_path / name)
