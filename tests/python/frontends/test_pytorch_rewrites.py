"""Calls that torch_to_nnef or tract get wrong are spelt otherwise, and equal PyTorch."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from nnef_pulse.frontends import pytorch
from source_checks import check_stream, check_whole


class Layer(nn.Module):
    def __init__(self, function, layers=()):
        super().__init__()
        self.function = function
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        return self.function(x, *self.layers)


def made(function, *layers, shape=(1, 4, 32), axis=2):
    torch.manual_seed(0)
    return pytorch.source(
        Layer(function, layers), {"x": torch.randn(shape)}, axes={"x": {axis: "S"}}
    )


def positions(x, start=0, **more):
    return torch.arange(start, x.shape[2] + start, **more)


def run(x, layer):
    return layer(x)


class LearntStart(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.recurrence = kind(4, 6, batch_first=True)
        self.start = nn.Parameter(torch.randn(1, 1, 6))

    def forward(self, x):
        x = x.transpose(1, 2)
        start = (self.start, self.start) if isinstance(self.recurrence, nn.LSTM) else self.start
        return self.recurrence(x, hx=start)[0]


STREAMS = {
    "diff": (lambda x: torch.diff(x, dim=2), []),
    "second diff": (lambda x: x.diff(2, 1), []),
    "flip": (lambda x: x.flip(1), []),
    "stride": (lambda x: x[:, 1:, ::2], []),
    "deviation": (lambda x: x.std(1), []),
    "variance and mean": (lambda x: torch.var_mean(x, dim=1, correction=0), []),
    "normalize": (lambda x: functional.normalize(x, dim=1), []),
    "normalize by sum": (lambda x: functional.normalize(x, p=1, dim=1), []),
    "norm": (lambda x: x.norm(dim=1, keepdim=True), []),
    "cosine": (lambda x: functional.cosine_similarity(x[:, :2], x[:, 2:]), []),
    "batch norm": (run, [nn.BatchNorm1d(4, affine=False)]),
    "complex product": (
        lambda x: torch.view_as_real(torch.complex(x, x + 1) * torch.complex(x - 1, x)),
        [],
    ),
    "learnt start": (run, [LearntStart(nn.GRU)]),
    "learnt starts": (run, [LearntStart(nn.LSTM)]),
    "transposed": (run, [nn.ConvTranspose1d(4, 2, 4, stride=2)]),
    "transposed, cut": (lambda x, it: it(x)[:, :, :-2], [nn.ConvTranspose1d(4, 2, 4, stride=2)]),
    "transposed, all options": (
        run,
        [nn.ConvTranspose1d(4, 6, 5, 3, padding=2, output_padding=1, groups=2, dilation=2)],
    ),
    "transposed, shorter than its stride": (run, [nn.ConvTranspose1d(4, 6, 2, 4, bias=False)]),
    "transposed, cropped": (run, [nn.ConvTranspose1d(4, 2, 7, stride=2, padding=5)]),
    "transposed, depthwise": (run, [nn.ConvTranspose1d(4, 4, 16, 8, padding=4, groups=4)]),
    "analysis and synthesis": (
        lambda x, down, up: up(torch.relu(down(x))),
        [nn.Conv1d(4, 8, 16, stride=8), nn.ConvTranspose1d(8, 4, 16, stride=8)],
    ),
    "nearest": (lambda x: functional.interpolate(x, scale_factor=2), []),
    "nearest by size": (lambda x: functional.interpolate(x, size=x.shape[-1] * 3), []),
    "nearest, the same size": (lambda x: functional.interpolate(x[:, :, ::1], size=x.shape[2]), []),
    "nearest, fewer": (lambda x: functional.interpolate(x, scale_factor=0.5), []),
    "upsample": (run, [nn.Upsample(scale_factor=3)]),
    "linear": (lambda x: functional.interpolate(x, scale_factor=2, mode="linear"), []),
    "running sum": (lambda x: torch.cumsum(x, 2) * 1e-6, []),
    "running sum, late": (lambda x, it: it(x).cumsum(-1), [nn.Conv1d(4, 4, 3)]),
    "running mean": (lambda x: x.cumsum(2) / positions(x, 1, dtype=x.dtype), []),
    "positions": (lambda x: x / positions(x, 1, dtype=x.dtype), []),
    "positions from 5": (lambda x: x * positions(x, 5), []),
    "positions, late": (lambda x, it: it(x + positions(x)), [nn.Conv1d(4, 4, 3)]),
    "learnt positions": (lambda x, it: x + it(positions(x)).t(), [nn.Embedding(512, 4)]),
    "average, padded": (lambda x: functional.avg_pool1d(x, 3, 1, 1), []),
    "average, padding not counted": (
        lambda x: functional.avg_pool1d(x, 3, 2, 1, count_include_pad=False),
        [],
    ),
}
STREAMS_2D = {
    "transposed": [nn.ConvTranspose2d(4, 6, (3, 4), stride=(1, 2), padding=(1, 1))],
    "transposed, all options": [
        nn.ConvTranspose2d(4, 6, (4, 3), (2, 3), padding=(1, 0), output_padding=(1, 2), groups=2)
    ],
    "upsample": [nn.Upsample(scale_factor=(2, 3))],
    "bilinear": [nn.Upsample(scale_factor=2, mode="bilinear")],
    "pixel shuffle": [nn.PixelShuffle(2)],
    "average, padded": [nn.AvgPool2d((3, 2), padding=(1, 0), stride=(1, 2))],
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_rewriting_equals_pytorch_and_streams(name):
    function, layers = STREAMS[name]
    source = made(function, *layers)
    check_whole(source)
    check_stream(source, "S", 8)


@pytest.mark.parametrize("name", STREAMS_2D)
def test_a_rewriting_in_two_dimensions_equals_pytorch_and_streams(name):
    source = made(run, *STREAMS_2D[name], shape=(1, 4, 32, 5))
    check_whole(source)
    check_stream(source, "S", 8)


def test_a_pool_over_one_of_two_axes_streams_along_the_other():
    source = made(run, nn.AdaptiveAvgPool2d((1, None)), shape=(1, 4, 3, 32), axis=3)
    check_whole(source)
    check_stream(source, "S", 8)


def attention(mask):
    def function(x):
        scores = (x.transpose(1, 2) @ x).masked_fill(~mask(x.shape[2]), -1e9)
        return torch.softmax(scores, -1) @ x.transpose(1, 2)

    return function


def causal(n):
    position = torch.arange(n)
    return position[None, :] <= position[:, None]


def window(n):
    position = torch.arange(n)
    gap = position[:, None] - position[None, :]
    return (position[None, :] <= position[:, None]) & (gap < 8)


def by_floats(n):
    position = torch.arange(n, dtype=torch.float32)
    return position[None, :] <= position[:, None]


def chunks(n):
    chunk = torch.arange(n) // 4
    return chunk[:, None] >= chunk[None, :]


def triangle(n):
    return torch.ones(n, n, dtype=torch.bool).tril()


WHOLE = {
    "last frame": (lambda x: x[:, :, -1], []),
    "last but one, kept": (lambda x: x[..., -2, None], []),
    "select": (lambda x: x.select(-1, -1), []),
    "last state": (lambda x, it: it(x.transpose(1, 2))[1][-1], [nn.GRU(4, 6, 2, batch_first=True)]),
    "flip": (lambda x: torch.flip(x, [2]), []),
    "deviation": (lambda x: x.std(-1, keepdim=True), []),
    "deviation of all": (lambda x: x / x.std(), []),
    "variance": (lambda x: torch.var(x, dim=(1, 2)), []),
    "group norm": (run, [nn.GroupNorm(2, 4)]),
    "group norm, one group": (run, [nn.GroupNorm(1, 4, affine=False)]),
    "instance norm": (run, [nn.InstanceNorm1d(4, affine=True)]),
    "batch norm of the batch": (run, [nn.BatchNorm1d(4, track_running_stats=False)]),
    "adaptive pool": (run, [nn.AdaptiveMaxPool1d(1)]),
    "range": (lambda x: x / torch.arange(1, x.shape[2] + 1, dtype=x.dtype), []),
    **{it.__name__: (attention(it), []) for it in (causal, window, by_floats, chunks, triangle)},
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_rewriting_of_all_time_equals_pytorch(name):
    function, layers = WHOLE[name]
    check_whole(made(function, *layers))


def past_chunks(n):
    chunk = torch.arange(n) // 4
    gap = chunk[:, None] - chunk[None, :]
    return (gap >= 0) & (gap <= 1)


ATTENTION = {
    "by hand": (lambda x: attention(past_chunks)(x), []),
    "scaled products": (
        lambda x: functional.scaled_dot_product_attention(
            *[x.transpose(1, 2)] * 3, attn_mask=past_chunks(x.shape[2])
        ),
        [],
    ),
    "heads": (
        lambda x, it: it(*[x.transpose(1, 2)] * 3, attn_mask=~past_chunks(x.shape[2]))[0],
        [nn.MultiheadAttention(4, 2, batch_first=True)],
    ),
}


@pytest.mark.parametrize("name", ATTENTION)
@pytest.mark.parametrize("pulse", [4, 8])
def test_attention_over_past_chunks_equals_pytorch_and_streams(name, pulse):
    function, layers = ATTENTION[name]
    source = made(function, *layers)
    check_whole(source)
    check_stream(source, "S", pulse)
