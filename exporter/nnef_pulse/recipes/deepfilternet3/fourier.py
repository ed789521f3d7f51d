"""Windowed Fourier transforms of 960 samples in two small steps, as layers.

960 = 32 · 30: sample 30·a + b, frequency c + 32·d (Cooley and Tukey, 1965). A matrix of the whole
transform would hold 0.9 million numbers, these hold 63,000, and both steps are products that the
engine has.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WINDOW = 960
"""Samples per frame."""
HOP = 480
BINS = WINDOW // 2 + 1
_A, _B = 32, 30
_D = 16
"""Values of d that the frequencies up to the middle one need."""


def window() -> Tensor:
    """The power-complementary window of Vorbis (960), f32."""
    inner = torch.sin(math.pi / WINDOW * (torch.arange(WINDOW, dtype=torch.float64) + 0.5))
    return torch.sin(math.pi / 2 * inner * inner).float()


def _cosine_sine(angles: Tensor, length: int) -> tuple[Tensor, Tensor]:
    turns = angles * (2 * math.pi / length)
    return torch.cos(turns), torch.sin(turns)


def _over_a() -> tuple[Tensor, Tensor]:
    """Cosine and sine (32, 32) of the step that goes from a to c, or back."""
    n = torch.arange(_A, dtype=torch.float64)
    return _cosine_sine(n[:, None] * n, _A)


def _over_b() -> tuple[Tensor, Tensor]:
    """Cosine and sine (32, 30, 16), by c, of the step that goes from b to d, or back."""
    c, b, d = (torch.arange(n, dtype=torch.float64) for n in (_A, _B, _D))
    return _cosine_sine(b[:, None] * (c[:, None, None] + _A * d), WINDOW)


class Analysis(nn.Module):
    """Frames (T, 960) to spectra (T, 2, 481), real and imaginary parts, divided by 960."""

    window: Tensor
    over_a: Tensor
    over_b: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", window() / WINDOW)
        cosine, sine = _over_a()
        self.register_buffer("over_a", torch.cat([cosine, -sine], 1).float())
        cosine, sine = _over_b()
        real, imaginary = torch.cat([cosine, sine], 1), torch.cat([-sine, cosine], 1)
        self.register_buffer("over_b", torch.cat([real, imaginary], 2).float())

    def forward(self, frames: Tensor) -> Tensor:
        """See the class."""
        by_b = (frames * self.window).reshape(-1, _A, _B).transpose(1, 2)
        by_c = (by_b @ self.over_a).reshape(-1, _B, 2, _A).permute(0, 3, 2, 1)
        parts = torch.einsum("tci,cio->tco", by_c.reshape(-1, _A, 2 * _B), self.over_b)
        spectra = parts.reshape(-1, _A, 2, _D).permute(0, 2, 3, 1)
        return spectra.reshape(-1, 2, _A * _D)[:, :, :BINS]


class Synthesis(nn.Module):
    """Spectra (T, 2, 481) to windowed frames (T, 960), to be overlapped and added."""

    window: Tensor
    over_a: Tensor
    over_b: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", window())
        cosine, sine = (part.transpose(1, 2) for part in _over_b())
        # Frequencies above the middle are the conjugates of those below: counted twice.
        twice = torch.full((_A, _D, 1), 2.0, dtype=torch.float64)
        twice[0, 0] = twice[0, _D - 1] = 1
        real, imaginary = torch.cat([cosine, -sine], 1), torch.cat([sine, cosine], 1)
        over_b = torch.cat([real, imaginary], 2) * torch.cat([twice, twice], 1)
        self.register_buffer("over_b", over_b.float())
        cosine, sine = _over_a()
        self.register_buffer("over_a", torch.cat([cosine, -sine], 0).float())

    def forward(self, spectra: Tensor) -> Tensor:
        """See the class."""
        parts = F.pad(spectra, (0, _A * _D - BINS)).reshape(-1, 2, _D, _A).permute(0, 3, 1, 2)
        by_c = torch.einsum("tci,cio->tco", parts.reshape(-1, _A, 2 * _D), self.over_b)
        by_b = by_c.reshape(-1, _A, 2, _B).permute(0, 3, 2, 1).reshape(-1, _B, 2 * _A)
        frames = (by_b @ self.over_a).transpose(1, 2).reshape(-1, WINDOW)
        return frames * self.window
