"""MarbleNet in plain torch, mel front end included: waveform in, speech probabilities out.

The network is that of Jia, Majumdar and Ginsburg (2021, arXiv:2010.13886): blocks of separable
convolutions over time, "same" padded, some with a residual beside them. The front end follows
NeMo's FilterbankFeatures. Everything is a convolution or element-wise, so it all pulses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# NeMo's jasper.py: BatchNorm1d(out_channels, eps=1e-3, momentum=0.1).
_EPSILON = 1e-3


@dataclass(frozen=True)
class Mel:
    """A log-mel spectrogram. Lengths in samples, frequencies in Hz."""

    sample_rate: int
    window: int
    hop: int
    fft: int
    bands: int
    low: float = 0.0
    high: float | None = None
    """Half the sample rate when not given."""
    shape: str = "hann"
    """Of the window, a key of WINDOWS."""
    preemphasis: float | None = None
    guard: float = 2.0**-24
    clamp: bool = False
    """Whether the guard is a floor instead of being added."""
    centred: bool = False
    """Whether frame k is centred on sample k*hop; otherwise it ends at sample (k+1)*hop."""

    @property
    def padding(self) -> tuple[int, int]:
        """Zeros before and after, so that S samples give S/hop frames."""
        if not self.centred:
            return self.window - self.hop, 0
        # torch.stft centres a window shorter than the transform within it.
        before = self.fft // 2 - (self.fft - self.window) // 2
        return before, self.window - before - self.hop


@dataclass(frozen=True)
class Block:
    """One block: `repeat` convolutions over time with batch norm, relu after each."""

    filters: int
    kernel: int
    repeat: int = 1
    stride: int = 1
    dilation: int = 1
    residual: bool = False
    separable: bool = True


# Symmetric ones, as NeMo takes them.
WINDOWS = {
    "hann": torch.hann_window,
    "hamming": torch.hamming_window,
    "blackman": torch.blackman_window,
    "bartlett": torch.bartlett_window,
}

# The paper's 3x2x64.
MARBLENET = (
    Block(128, 11),
    Block(64, 13, repeat=2, residual=True),
    Block(64, 15, repeat=2, residual=True),
    Block(64, 17, repeat=2, residual=True),
    Block(128, 29, dilation=2),
    Block(128, 1, separable=False),
)


def mel_filters(mel: Mel) -> Tensor:
    """Triangles of equal area (bands, fft/2+1), f32, spaced on Slaney's mel scale.

    Slaney's Auditory Toolbox (1998): linear below 1 kHz with 200/3 Hz a mel, above it 27 mels
    for each factor of 6.4.
    """
    high = mel.high or mel.sample_rate / 2

    def to_mel(hertz: float) -> float:
        return hertz * 3 / 200 if hertz < 1000 else 15 + 27 * math.log(hertz / 1000, 6.4)

    def to_hertz(mels: float) -> float:
        return mels * 200 / 3 if mels < 15 else 1000 * 6.4 ** ((mels - 15) / 27)

    first, last = to_mel(mel.low), to_mel(high)
    step = (last - first) / (mel.bands + 1)
    corners = torch.tensor(
        [to_hertz(first + step * n) for n in range(mel.bands + 2)], dtype=torch.float64
    )
    bins = torch.arange(mel.fft // 2 + 1, dtype=torch.float64) * mel.sample_rate / mel.fft
    left, middle, right = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    triangles = torch.minimum((bins - left) / (middle - left), (right - bins) / (right - middle))
    return (triangles.clamp(min=0) * 2 / (right - left)).float()


def window_of(mel: Mel) -> Tensor:
    """The window (window,), f32, before it is centred in the transform."""
    return WINDOWS[mel.shape](mel.window, periodic=False)


class LogMel(nn.Module):
    """Samples (B, S) to log-mel frames (B, bands, S/hop), the transform as a convolution."""

    def __init__(self, mel: Mel) -> None:
        super().__init__()
        self.mel = mel
        bins = mel.fft // 2 + 1
        self.emphasis = None
        if mel.preemphasis is not None:
            self.emphasis = nn.Conv1d(1, 1, 2, bias=False)
        self.transform = nn.Conv1d(1, 2 * bins, mel.window, stride=mel.hop, bias=False)
        self.filters = nn.Conv1d(2 * bins, mel.bands, 1, bias=False)
        self.load(window_of(mel), mel_filters(mel))
        self.requires_grad_(False)

    def load(self, window: Tensor, filters: Tensor) -> None:
        """Take this window (window,) and these filters (bands, fft/2+1)."""
        start = (self.mel.fft - self.mel.window) // 2 if self.mel.centred else 0
        at = torch.arange(start, start + self.mel.window, dtype=torch.float64)
        bins = torch.arange(self.mel.fft // 2 + 1, dtype=torch.float64)
        turns = torch.outer(bins, at) / self.mel.fft
        waves = torch.cat([torch.cos(turns * 2 * torch.pi), torch.sin(turns * 2 * torch.pi)])
        with torch.no_grad():
            self.transform.weight.copy_((waves * window.double()).float()[:, None])
            # The same for cosines and sines: their squares add up to a bin's power.
            self.filters.weight.copy_(torch.cat([filters, filters], 1)[:, :, None])
            if self.emphasis is not None and self.mel.preemphasis is not None:
                self.emphasis.weight.copy_(torch.tensor([[[-self.mel.preemphasis, 1.0]]]))

    def forward(self, samples: Tensor) -> Tensor:
        """Samples (B, S) in -1…1, f32, to log energies (B, bands, S/hop), f32."""
        wave = samples.unsqueeze(1)
        if self.emphasis is not None:
            wave = self.emphasis(F.pad(wave, (1, 0)))
        spectrum = self.transform(F.pad(wave, self.mel.padding))
        energy = self.filters(spectrum * spectrum)
        return torch.log(
            energy.clamp(min=self.mel.guard) if self.mel.clamp else energy + self.mel.guard
        )


class _Convolution(nn.Module):
    """A convolution over time, "same" padded, and its batch norm."""

    def __init__(self, channels: int, filters: int, block: Block) -> None:
        super().__init__()
        around = block.dilation * (block.kernel - 1) // 2
        self.over_time = nn.Conv1d(
            channels,
            channels if block.separable else filters,
            block.kernel,
            stride=block.stride,
            padding=around,
            dilation=block.dilation,
            groups=channels if block.separable else 1,
            bias=False,
        )
        self.over_channels = None
        if block.separable:
            self.over_channels = nn.Conv1d(channels, filters, 1, bias=False)
        self.norm = nn.BatchNorm1d(filters, eps=_EPSILON)

    def forward(self, features: Tensor) -> Tensor:
        features = self.over_time(features)
        if self.over_channels is not None:
            features = self.over_channels(features)
        normed: Tensor = self.norm(features)
        return normed


class _Block(nn.Module):
    def __init__(self, channels: int, block: Block) -> None:
        super().__init__()
        widths = [channels, *[block.filters] * block.repeat]
        self.convolutions = nn.ModuleList(
            _Convolution(before, after, block) for before, after in pairwise(widths)
        )
        self.beside = None
        if block.residual:
            plain = Block(block.filters, 1, separable=False)
            self.beside = _Convolution(channels, block.filters, plain)

    def forward(self, features: Tensor) -> Tensor:
        out = features
        for n, convolution in enumerate(self.convolutions):
            out = convolution(out if n == 0 else torch.relu(out))
        if self.beside is not None:
            out = out + self.beside(features)
        return torch.relu(out)


class MarbleNet(nn.Module):
    """Samples (1, S) to speech probabilities (1, frames), one frame for each hop and stride."""

    def __init__(self, mel: Mel, blocks: Sequence[Block], *, settled: bool = False) -> None:
        """Build it with random weights.

        Args:
            mel: the front end.
            blocks: the encoder, first to last.
            settled: whether each band is first scaled by figures learnt in training, so that
                silence around a signal is not loud.
        """
        super().__init__()
        self.front = LogMel(mel)
        self.settle = nn.BatchNorm1d(mel.bands) if settled else None
        widths = [mel.bands, *(block.filters for block in blocks)]
        self.blocks = nn.ModuleDict(
            {f"block{n}": _Block(widths[n - 1], block) for n, block in enumerate(blocks, 1)}
        )
        self.head = nn.Conv1d(widths[-1], 1, 1)

    def logits(self, features: Tensor) -> Tensor:
        """Log-mel frames (B, bands, T) to log-odds of speech (B, T')."""
        if self.settle is not None:
            features = self.settle(features)
        for block in self.blocks.values():
            features = block(features)
        odds: Tensor = self.head(features)
        return odds.squeeze(1)

    def forward(self, samples: Tensor) -> Tensor:
        """Samples (1, S) in -1…1, f32, to probabilities (1, frames), f32."""
        return torch.sigmoid(self.logits(self.front(samples)))
