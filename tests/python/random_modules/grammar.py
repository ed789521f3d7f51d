"""Random streaming modules, each made from a seed: a body of layers, then one to three heads."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import torch
from torch import Tensor, nn

from random_modules.layers import draw_layer


@dataclass(frozen=True)
class Made:
    """A module, its example and what it was made of."""

    module: nn.Module
    example: dict[str, Tensor]
    names: tuple[str, ...]
    refuses: frozenset[str]
    pulses: tuple[int, int]
    kind: str
    """The kind of signal it takes: noise, or one that is tiny, huge or positive."""


class Module(nn.Module):
    """A body, then heads."""

    def __init__(self, body: list[nn.Module], heads: list[nn.Module], scale: float) -> None:
        super().__init__()
        self.body, self.heads, self.scale = nn.Sequential(*body), nn.ModuleList(heads), scale

    def forward(self, x: Tensor) -> Any:
        y = self.body(x / self.scale)
        outputs = tuple(head(y) for head in self.heads)
        return outputs if len(outputs) > 1 else outputs[0]


def make(seed: int) -> Made:
    """The module of a seed."""
    rng = Random(seed)
    torch.manual_seed(seed)
    channels = rng.choice((2, 3, 4))
    kind = rng.choice(("noise", "noise", "noise", "tiny", "huge", "positive"))
    scale = {"tiny": 1e-5, "huge": 1e4}.get(kind, 1.0)
    body, width, step = [], channels, 1
    for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
        layer = draw_layer(rng, width)
        body.append(layer)
        width, step = layer.channels, step * layer.step
    heads = [draw_layer(rng, width) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    for head in heads:
        step *= head.step
    drawn = [*body, *heads]
    module = Module([it.module for it in body], [it.module for it in heads], scale).eval()
    frames = 32 + 8 * rng.randrange(3)
    example = {"x": signal(kind, (1, channels, frames), seed)}
    return Made(
        module,
        example,
        tuple(it.name for it in drawn),
        frozenset().union(*(it.refuses for it in drawn)),
        (step * max(1, 4 // step), step * rng.choice((2, 3, 5))),
        kind,
    )


def signal(kind: str, shape: tuple[int, ...], seed: int) -> Tensor:
    """A signal of a kind, from a generator of its own."""
    generator = torch.Generator().manual_seed(seed + 1_000_003)
    noise = torch.randn(shape, generator=generator)
    if kind == "positive":
        return noise.abs() + 0.1
    return noise * {"tiny": 1e-5, "huge": 1e4}.get(kind, 1.0)
