"""The layers that random modules are drawn from.

Every layer takes and gives (batch, channels, frames). `refuses` holds the names of the causes (see
`nnef_pulse.prove.diagnosis.causes`) or the codes of the errors that the layer may be refused for;
a layer with none must stream.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import torch
from torch import Tensor, nn
from torch.nn import functional

from random_modules.layer import Draw, Layer

Function = Callable[[Tensor], Tensor]

Maker = Callable[[Random, int], Draw]


def draw_layer(rng: Random, channels: int) -> Draw:
    maker = rng.choices(*zip(*LAYERS, strict=True))[0]
    return maker(rng, channels)


def _simple(name: str, refuses: tuple[str, ...], *functions: Function) -> Maker:
    def maker(rng: Random, channels: int) -> Draw:
        return Draw(name, Layer(rng.choice(functions)), channels, refuses=frozenset(refuses))

    return maker


def _convolution(rng: Random, channels: int) -> Draw:
    width = rng.choice((2, 3, 4))
    taps, dilation, step = rng.choice((1, 2, 3, 5)), rng.choice((1, 1, 2)), rng.choice((1, 1, 1, 2))
    reach = (taps - 1) * dilation
    groups = channels if rng.random() < 0.2 else 1
    width = channels if groups > 1 else width
    layer = nn.Conv1d(channels, width, taps, step, 0, dilation, groups, bias=rng.random() < 0.7)
    kind = rng.choice(("valid", "causal", "same"))
    pads = {"valid": (0, 0), "causal": (reach, 0), "same": (reach // 2, reach - reach // 2)}[kind]
    module = Layer(lambda it, x: it(functional.pad(x, pads) if any(pads) else x), layer)
    return Draw(f"{kind} convolution", module, width, step)


def _convolution_2d(rng: Random, channels: int) -> Draw:
    maps, step = rng.choice((1, 2)), rng.choice((1, 1, 2))
    layer = nn.Conv2d(1, maps, (channels if channels < 3 else 3, 3), (1, step), padding=(1, 1))
    rows = channels + 2 - layer.kernel_size[0] + 1
    return Draw(
        "2d convolution",
        Layer(lambda it, x: it(x[:, None]).flatten(1, 2), layer),
        maps * rows,
        step,
    )


def _pool(rng: Random, channels: int) -> Draw:
    size, step = rng.choice((2, 3)), rng.choice((1, 2))
    kind = rng.choice((nn.MaxPool1d, nn.AvgPool1d))
    pad = rng.choice((0, size // 2)) if kind is nn.MaxPool1d else 0
    return Draw("pool", kind(size, step, pad), channels, step)


def _norm(rng: Random, channels: int) -> Draw:
    layer = nn.BatchNorm1d(channels)
    with torch.no_grad():
        layer.running_mean.copy_(torch.randn(channels))
        layer.running_var.copy_(torch.rand(channels) + 0.3)
    across = nn.LayerNorm(channels)
    picked = rng.choice((layer, Layer(lambda it, x: it(x.transpose(1, 2)).transpose(1, 2), across)))
    return Draw("norm", picked, channels)


def _norm_over_time(rng: Random, channels: int) -> Draw:
    layer = rng.choice((nn.InstanceNorm1d(channels), nn.GroupNorm(1, channels)))
    return Draw("norm over time", layer, channels, refuses=frozenset({"reduction"}))


def _recurrence(rng: Random, channels: int) -> Draw:
    kind, both = rng.choice((nn.GRU, nn.LSTM, nn.RNN)), rng.random() < 0.2
    layer = kind(channels, 3, rng.choice((1, 1, 2)), batch_first=True, bidirectional=both)
    return Draw(
        f"{'bidirectional ' if both else ''}{kind.__name__}",
        Layer(lambda it, x: it(x.transpose(1, 2))[0].transpose(1, 2), layer),
        6 if both else 3,
        refuses=frozenset({"backward"}) if both else frozenset(),
    )


def _attention(rng: Random, channels: int) -> Draw:
    kind = rng.choice(("full", "causal", "window", "chunks", "random"))
    seed = rng.randrange(1000)
    query, size, left = nn.Linear(channels, 4), rng.choice((2, 4)), rng.choice((1, 2))

    def attend(it: nn.Module, x: Tensor) -> Tensor:
        frames = x.transpose(1, 2)
        scores = it(frames) @ it(frames).transpose(1, 2) / 2
        at = torch.arange(x.shape[2])
        gap = at[:, None] - at[None]
        if kind == "causal":
            mask = gap >= 0
        elif kind == "window":
            mask = (gap >= 0) & (gap < 4)
        elif kind == "chunks":
            chunk = at // size
            mask = (chunk[:, None] >= chunk[None]) & (chunk[:, None] - chunk[None] <= left)
        elif kind == "random":
            mask = (at[:, None] * 7 + at[None] * 3 + seed) % 5 < 3
            mask = mask | (gap == 0)
        else:
            mask = gap > -(10**6)
        weights = scores.masked_fill(~mask, -1e9).softmax(-1)
        return (weights @ frames).transpose(1, 2)

    return Draw(
        f"{kind} attention",
        Layer(attend, query),
        channels,
        refuses=frozenset({"attention", "positions", "frozen-dim", "fixed-frame"}),
    )


def _split(rng: Random, channels: int) -> Draw:
    """Two layers of one width and rate side by side, joined."""
    taps = rng.sample((1, 3, 5), 2)
    parts = [nn.Conv1d(channels, channels, it, padding=it // 2) for it in taps]
    join = rng.choice(
        (
            lambda a, b, x: a(x) + b(x),
            lambda a, b, x: a(x) * torch.sigmoid(b(x)),
            lambda a, b, x: x + b(torch.relu(a(x))),
        )
    )
    return Draw("two branches", Layer(join, *parts), channels)


def _joined(rng: Random, channels: int) -> Draw:
    part = nn.Conv1d(channels, channels, 3, padding=1)
    module = Layer(lambda it, x: torch.cat([x, it(x)], 1), part)
    return Draw("cat of channels", module, 2 * channels)


def _transposed(rng: Random, channels: int) -> Draw:
    step = rng.choice((1, 2))
    layer = nn.ConvTranspose1d(channels, channels, rng.choice((step, 2 * step)), step)
    return Draw("transposed convolution", layer, channels, refuses=frozenset({"upsampling"}))


def _stacked(rng: Random, channels: int) -> Draw:
    cut = rng.random() < 0.7

    def stack(x: Tensor) -> Tensor:
        pairs = x.shape[2] // 2
        even = x[:, :, : 2 * pairs] if cut else x
        split = even.reshape(x.shape[0], x.shape[1], pairs, 2)
        return split.transpose(2, 3).reshape(x.shape[0], -1, pairs)

    return Draw(
        "stacked frames",
        Layer(stack),
        2 * channels,
        2,
        frozenset({"frozen-dim", "reshape"}),
    )


LAYERS: tuple[tuple[Maker, float], ...] = (
    (_convolution, 10),
    (_convolution_2d, 3),
    (_pool, 3),
    (_norm, 3),
    (_norm_over_time, 1),
    (_recurrence, 4),
    (_attention, 2.5),
    (_split, 4),
    (_joined, 2),
    (_transposed, 2),
    (_stacked, 1),
    (
        _simple(
            "activation",
            (),
            *(torch.relu, torch.tanh, torch.sigmoid, functional.silu, functional.gelu, torch.abs),
            *(lambda x: functional.elu(x), lambda x: x.clamp(-1, 1), lambda x: x * x),
        ),
        4,
    ),
    (_simple("softmax of channels", (), lambda x: x.softmax(1), lambda x: x.log_softmax(1)), 1),
    (_simple("scale", (), lambda x: x * 1e-6, lambda x: x * 1e5, lambda x: x * 1e-3 + 1e-3), 1.5),
    (_simple("reshaped", (), lambda x: x.unflatten(1, (1, -1)).transpose(1, 2).flatten(1, 2)), 1),
    (
        _simple(
            "where",
            (),
            lambda x: torch.where(x > 0, x, 0.1 * x),
            lambda x: torch.where(x.sum(1, keepdim=True) > 0, x, -x),
        ),
        1,
    ),
    (_simple("branch on shape", (), lambda x: x * 2 if x.shape[1] > 2 else x - 1), 1),
    (
        _simple(
            "branch on data",
            ("data-branch",),
            lambda x: x if x.mean() > 0 else x * 2,
            lambda x: x * (2.0 if float(x.max()) > 3 else 1.0),
        ),
        0.7,
    ),
    (
        _simple(
            "upsampling",
            ("upsampling",),
            lambda x: x.repeat_interleave(2, 2),
            lambda x: functional.interpolate(x, scale_factor=2),
            lambda x: functional.interpolate(x, scale_factor=2, mode="linear"),
        ),
        1.5,
    ),
    (
        _simple(
            "cat in time",
            ("concatenation",),
            lambda x: torch.cat([x[:, :, :1], x[:, :, 1:] - 0.9 * x[:, :, :-1]], 2),
            lambda x: torch.cat([torch.zeros_like(x[:, :, :2]), x], 2)[:, :, :-2],
        ),
        1,
    ),
    (_simple("cumsum", ("running-sum",), lambda x: x.cumsum(2), lambda x: x.abs().cumsum(2)), 1),
    (
        _simple(
            "slice",
            (),
            lambda x: x[:, :, 1:],
            lambda x: x[:, :, 1:] - x[:, :, :-1],
            lambda x: functional.pad(x, (2, 0))[:, :, :-2],
            lambda x: x[:, :1] + x,
        ),
        2,
    ),
    (
        _simple(
            "fixed frame", ("fixed-frame",), lambda x: x - x[:, :, :1], lambda x: x - x[:, :, -1:]
        ),
        0.5,
    ),
    (
        _simple(
            "frames reordered",
            ("frames-reordered", "fixed-frame"),
            lambda x: x.flip(2),
            lambda x: x.roll(1, 2),
            lambda x: x.sort(2)[0],
        ),
        0.5,
    ),
    (
        _simple(
            "reduction",
            ("reduction", "softmax-over-time"),
            lambda x: x - x.mean(2, keepdim=True),
            lambda x: x / x.abs().amax(2, keepdim=True),
            lambda x: x.softmax(2),
        ),
        0.7,
    ),
    (
        _simple(
            "positions", ("positions",), lambda x: x + torch.arange(x.shape[2]) / 100, torch.clone
        ),
        0.5,
    ),
    (
        _simple(
            "windows",
            ("windows",),
            lambda x: functional.pad(x, (2, 0)).unfold(2, 3, 1).mean(-1),
            lambda x: functional.pad(x, (2, 0)).unfold(2, 3, 1).amax(-1),
        ),
        0.7,
    ),
)
