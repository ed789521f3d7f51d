"""Sizes that must be multiples, and least sizes that the model's own framework or a window asks."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from nnef_pulse.bundle.export import export_bundle
from nnef_pulse.bundle.verify import verify
from nnef_pulse.errors import AxisError, FrozenDimError, GlobalReductionError, SymbolError
from nnef_pulse.frontends import pytorch
from nnef_pulse.frontends.axes import check_axes
from nnef_pulse.nnef.dimensions import Expression
from nnef_pulse.prove.min_sizes import least_of, least_of_source


class Stacked(nn.Module):
    def forward(self, x):
        b, t, c = x.shape
        return x.reshape(b, t // 4, 4 * c)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([nn.Conv1d(4, 8, 4, 2, 1), nn.Conv1d(8, 8, 4, 2, 1)])
        self.up = nn.ModuleList([nn.ConvTranspose1d(n, m, 4, 2, 1) for n, m in [(8, 8), (16, 4)]])

    def forward(self, x):
        once = torch.relu(self.down[0](x))
        twice = self.up[0](torch.relu(self.down[1](once)))
        return self.up[1](torch.cat([once, twice], 1)) + x


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def test_frames_stacked_by_four_stream_and_verify(tmp_path):
    bundle = export_bundle(
        Stacked(),
        {"x": torch.randn(1, 64, 4)},
        tmp_path / "it",
        axes={"x": {1: "4*S"}},
        pulses={"S": 2},
    )
    assert bundle.manifest["inputs"] == [{"name": "x", "fact": "1,4*S,4,f32"}]
    assert bundle.manifest["outputs"] == [{"name": "output", "fact": "1,S,16,f32"}]
    assert bundle.manifest["pulses"][0]["delay"] == 0
    verify(bundle.path)


def test_a_u_net_streams_with_its_multiple_and_is_told_it_without(tmp_path):
    torch.manual_seed(0)
    model, inputs = UNet(), {"x": torch.randn(1, 4, 64)}
    with pytest.raises(FrozenDimError, match=r"multiple of 4: .*--axis x:2=4\*S$"):
        export_bundle(model, inputs, tmp_path / "no", axes={"x": {2: "S"}}, pulses={"S": 8})
    bundle = export_bundle(model, inputs, tmp_path / "it", axes={"x": {2: "4*S"}}, pulses={"S": 2})
    assert bundle.manifest["outputs"] == [{"name": "output", "fact": "1,4,4*S,f32"}]


def test_a_multiple_is_held_to_the_example():
    assert check_axes({"x": (1, 64)}, {"x": {1: "4*S"}}).example == {"S": 16}
    assert check_axes({"x": (8, 2), "y": (2,)}, {"x": {0: "4*S"}, "y": {0: "S"}}).example == {
        "S": 2
    }
    with pytest.raises(AxisError, match="multiple of 4"):
        check_axes({"x": (1, 63)}, {"x": {1: "4*S"}})
    with pytest.raises(AxisError, match="stands for 2 and"):
        check_axes({"x": (8, 3)}, {"x": {0: "4*S", 1: "S"}})
    for nonsense in ("S*4", "0*S", "4*", "S+1"):
        with pytest.raises(SymbolError):
            check_axes({"x": (1, 64)}, {"x": {1: nonsense}})


def test_windows_of_any_length_are_found():
    dims = check_axes({"x": (1, 16384)}, {"x": {1: "S"}})
    assert least_of([Expression.parse("-7+S/1024")], dims) == {"S": 8192}
    assert least_of([Expression.parse("S-4999999")], dims) == {"S": 5000000}
    with pytest.raises(FrozenDimError, match="leaves every dimension positive"):
        least_of([Expression.parse("0*S")], dims)


@pytest.mark.parametrize(
    ("function", "least"),
    [
        (lambda x: functional.pad(x, (5, 5), mode="reflect"), 6),
        (lambda x: functional.instance_norm(x), 2),
    ],
)
def test_the_least_size_is_what_the_framework_takes(function, least):
    source = pytorch.source(Function(function), {"x": torch.randn(1, 4, 64)}, axes={"x": {2: "S"}})
    assert least_of_source(source, {"S": 1}) == {"S": least}


def test_statistics_over_time_are_refused_for_what_they_are(tmp_path):
    model = nn.InstanceNorm1d(4)
    with pytest.raises(GlobalReductionError):
        export_bundle(
            model,
            {"input": torch.randn(1, 4, 64)},
            tmp_path / "it",
            axes={"input": {2: "S"}},
            pulses={"S": 8},
        )
