"""Pieces put together along time and writes into slices equal PyTorch, and stream."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from nnef_pulse.bundle.export import export_bundle
from nnef_pulse.errors import UnsupportedError
from nnef_pulse.frontends import pytorch
from source_checks import check_stream, check_whole


class Model(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function
        self.start = nn.Parameter(torch.randn(1, 4, 3))

    def forward(self, x):
        return self.function(x, self.start)


def made(function):
    torch.manual_seed(0)
    return pytorch.source(
        Model(function), {"x": torch.randn(1, 4, 32)}, axes={"x": {2: "S"}}, asserts=["S >= 8"]
    )


def cat(*parts):
    return torch.cat(parts, 2)


def write(index, value):
    def function(x, start):
        y = x.clone()
        y[index] = value(x, start) if callable(value) else value
        return y

    return function


def change(operation):
    def function(x, _):
        y = x * 1
        operation(y, x)
        return y

    return function


def add_shifted(y, x):
    y[:, :, 1:] += x[:, :, :-1]


def write_into_view(y, _):
    y[:, 1:][:, 0] = 0


EVERY = slice(None)
STREAMS = {
    "pre-emphasis": lambda x, _: cat(x[:, :, :1], x[:, :, 1:] - 0.97 * x[:, :, :-1]),
    "first frame by number": lambda x, _: cat(x[:, :, 0, None], x[:, :, 1:] - x[:, :, :-1]),
    "first frame, unsqueezed": lambda x, _: cat(x[:, :, 0].unsqueeze(-1), x),
    "three first frames, scaled": lambda x, _: cat(x[:, :, :3] * 2, x),
    "zeros": lambda x, _: cat(torch.zeros(1, 4, 3), x),
    "zeros like a slice": lambda x, _: cat(torch.zeros_like(x[:, :, :3]), x),
    "a value": lambda x, _: cat(x.new_full((1, 4, 2), -5.0), x),
    "zeros on both sides": lambda x, _: cat(torch.zeros(1, 4, 2), x, torch.zeros(1, 4, 1)),
    "shifted, beside it": lambda x, _: torch.cat([x, cat(torch.zeros(1, 4, 1), x[..., :-1])], 1),
    "learnt start": lambda x, start: cat(start, x),
    "replicated start": lambda x, _: functional.pad(x, (2, 0), mode="replicate"),
    "difference with a first frame": lambda x, _: x.diff(dim=2, prepend=x[:, :, :1]),
    "window made inside": lambda x, _: x.unfold(2, 4, 1) * torch.hann_window(4),
    "zero written": write((EVERY, EVERY, 0), 0),
    "block written": write((EVERY, slice(1, 3), slice(2, 5)), 7.0),
    "channel written": write((EVERY, 0), lambda x, _: x[:, 1]),
    "frame written": write((..., 0), lambda x, _: x[..., 0] * 2),
    "learnt frames written": write((EVERY, EVERY, slice(3)), lambda _, start: start),
    "all written": write(EVERY, 3.0),
    "shifted sum": change(add_shifted),
    "zeroed view": change(lambda y, _: y[:, :, 0].zero_()),
    "added to a view": change(lambda y, _: y[:, 1:3].add_(1.0)),
    "view of a view": change(write_into_view),
}


@pytest.mark.parametrize("name", STREAMS)
def test_pieces_equal_pytorch_and_stream(name):
    source = made(STREAMS[name])
    check_whole(source)
    check_stream(source, "S", 8)


@pytest.mark.parametrize(
    "function",
    [write((..., -1), 0), lambda x, _: functional.pad(x, (1, 2), mode="replicate")],
    ids=["last frame written", "replicated on both sides"],
)
def test_what_needs_the_last_frame_equals_pytorch(function):
    check_whole(made(function))


def test_late_frames_beside_each_other_load_without_an_assert_of_the_author(tmp_path):
    model = Model(lambda x, _: torch.cat([x[:, :, 2:], x[:, :, 1:-1], x[:, :, :-2]], 1))
    bundle = export_bundle(
        model,
        {"x": torch.randn(1, 4, 32)},
        tmp_path / "late",
        axes={"x": {2: "S"}},
        pulses={"S": 8},
    )
    assert bundle.manifest["asserts"] == ["S >= 3"]


@pytest.mark.parametrize("index", [(..., slice(None, None, 2)), (..., torch.tensor([0, 2]))])
def test_a_write_that_is_not_followed_is_refused_with_its_line(index):
    with pytest.raises(UnsupportedError, match=r"test_pytorch_pieces\.py:\d+ "):
        made(write(index, 0))
