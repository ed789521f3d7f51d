"""A layer of a random module, and what was drawn with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn


class Layer(nn.Module):
    """A function and the weights it uses."""

    def __init__(self, function: Callable[..., Tensor], *parts: nn.Module) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(*self.parts, x)


@dataclass(frozen=True)
class Draw:
    """A drawn layer."""

    name: str
    module: nn.Module
    channels: int
    """What it gives."""
    step: int = 1
    """Input frames for each of its output frames."""
    refuses: frozenset[str] = frozenset()
