"""DeepFilterNet3 from noisy samples to clean ones, as one module that streams.

What libDF, its runtime, does between the networks is in the module by the same formulas: spectra,
ERB bands, running normalisation, gains, the deep filter, overlap and addition.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnef_pulse.recipes.deepfilternet3.fourier import BINS, HOP, WINDOW, Analysis, Synthesis
from nnef_pulse.recipes.deepfilternet3.running_norm import RunningMean, RunningUnit

RATE = 48000
BANDS = 32
"""Of equal width in ERB, the scale of hearing (Glasberg and Moore, 1990)."""
FILTERED = 96
"""Lowest frequencies, which the deep filter makes; the others are the input times a gain."""
ORDER = 5
"""Frames of the deep filter: two before, two after."""
AHEAD = 2
"""Frames that the networks look ahead."""
LATE = AHEAD + 1
"""Hops from a sample to its clean one: frames ahead, and one for the overlap."""
_LEAST_BINS = 2
"""Frequencies in a band, at least."""


def band_widths() -> list[int]:
    """Frequencies in each of the 32 bands, 481 in all."""
    top = 9.265 * math.log1p(RATE / 2 / (24.7 * 9.265))
    widths, before, owed = [], 0, 0
    for band in range(1, BANDS + 1):
        hertz = 24.7 * 9.265 * math.expm1(band * top / BANDS / 9.265)
        edge = round(hertz / (RATE / WINDOW))
        width = edge - before - owed
        owed = max(_LEAST_BINS - width, 0)
        widths.append(max(width, _LEAST_BINS))
        before = edge
    widths[-1] += BINS - sum(widths)
    return widths


def _earlier(frames: Tensor, count: int) -> Tensor:
    """Each frame's predecessor by `count`, zeros before the first, along the first axis."""
    before = [0, 0] * (frames.dim() - 1) + [count, 0]
    return F.pad(frames, before)[:-count] if count else frames


class GroupedLinear(nn.Module):
    """A product by groups of features (T, groups · in) to (T, groups · out)."""

    def __init__(self, groups: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.groups, self.inputs, self.outputs = groups, inputs, outputs
        self.weight = nn.Parameter(torch.zeros(groups, inputs, outputs))

    def forward(self, features: Tensor) -> Tensor:
        """See the class."""
        groups = features.reshape(-1, self.groups, self.inputs)
        products = torch.einsum("tgi,gio->tgo", groups, self.weight)
        return products.reshape(-1, self.groups * self.outputs)


class Separable(nn.Sequential):
    """A convolution over frequency of each channel, then over channels; (1, C, T, F)."""

    def __init__(self, *, stride: int = 1, kernel: int = 3, transposed: bool = False) -> None:
        padding = (0, kernel // 2)
        common: dict[str, Any] = {"stride": (1, stride), "padding": padding, "groups": 64}
        first = (
            nn.ConvTranspose2d(64, 64, (1, kernel), output_padding=(0, 1), bias=False, **common)
            if transposed
            else nn.Conv2d(64, 64, (1, kernel), bias=False, **common)
        )
        super().__init__(first, nn.Conv2d(64, 64, 1), nn.ReLU())


class Encoder(nn.Module):
    """Features of both kinds to what the decoders need."""

    def __init__(self) -> None:
        super().__init__()
        self.erb_conv0 = nn.Conv2d(1, 64, 3, padding=(0, 1))
        self.erb_conv1 = Separable(stride=2)
        self.erb_conv2 = Separable(stride=2)
        self.erb_conv3 = Separable()
        self.df_conv0 = nn.Conv2d(2, 64, 3, padding=(0, 1), groups=2, bias=False)
        self.df_conv0_mix = nn.Conv2d(64, 64, 1)
        self.df_conv1 = Separable(stride=2)
        self.df_fc_emb = GroupedLinear(32, 96, 16)
        self.linear_in = GroupedLinear(16, 32, 16)
        self.gru = nn.GRU(256, 256, batch_first=True)
        self.linear_out = GroupedLinear(16, 16, 32)
        self.lsnr_fc = nn.Linear(512, 1)

    def forward(self, erb: Tensor, low: Tensor) -> tuple[list[Tensor], Tensor, Tensor, Tensor]:
        """Bands (T, 32) and low frequencies (T, 2, 96) to skips, c0, embedding, local SNR.

        Skips (1, 64, T, 32 … 8), c0 (1, 64, T, 96), embedding (T, 512), local SNR (T, 1) in dB.
        """
        # Padded beside its convolution, which then waits for no frame.
        bands = F.pad(erb[None, None], (0, 0, 2, 0))
        skips = [torch.relu(self.erb_conv0(bands))]
        for layer in (self.erb_conv1, self.erb_conv2, self.erb_conv3):
            skips.append(layer(skips[-1]))
        parts = F.pad(low.transpose(0, 1)[None], (0, 0, 2, 0))
        c0 = torch.relu(self.df_conv0_mix(self.df_conv0(parts)))
        below = self.df_fc_emb(self.df_conv1(c0)[0].permute(1, 2, 0).reshape(-1, 32 * 96))
        above = skips[-1][0].permute(1, 2, 0).reshape(-1, 512)
        hidden, _ = self.gru(torch.relu(self.linear_in(above + torch.relu(below)))[None])
        embedding = torch.relu(self.linear_out(hidden[0]))
        local_snr = torch.sigmoid(self.lsnr_fc(embedding)) * 50 - 15
        return skips, c0, embedding, local_snr


class GainDecoder(nn.Module):
    """Embedding and skips to a gain for each band (T, 32), 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.linear_in = GroupedLinear(16, 32, 16)
        self.gru = nn.GRU(256, 256, num_layers=2, batch_first=True)
        self.linear_out = GroupedLinear(16, 16, 32)
        self.paths = nn.ModuleList(nn.Conv2d(64, 64, 1, groups=64) for _ in range(4))
        self.up = nn.ModuleList(
            [Separable(), *(Separable(stride=2, transposed=True) for _ in range(2))]
        )
        self.out = nn.Conv2d(64, 1, (1, 3), padding=(0, 1))

    def forward(self, embedding: Tensor, skips: list[Tensor]) -> Tensor:
        """See the class."""
        hidden, _ = self.gru(torch.relu(self.linear_in(embedding))[None])
        decoded = torch.relu(self.linear_out(hidden[0])).reshape(-1, 8, 64).permute(2, 0, 1)[None]
        for n, layer in enumerate(self.up):
            decoded = layer(decoded + torch.relu(self.paths[n](skips[3 - n])))
        decoded = decoded + torch.relu(self.paths[3](skips[0]))
        gains: Tensor = torch.sigmoid(self.out(decoded))[0, 0]
        return gains


class FilterDecoder(nn.Module):
    """Embedding and c0 to the deep filter's complex coefficients (T, 96, 5, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear_in = GroupedLinear(8, 64, 32)
        self.gru = nn.GRU(256, 256, num_layers=2, batch_first=True)
        self.skip = GroupedLinear(16, 32, 16)
        self.convp = nn.Conv2d(64, 10, (5, 1), groups=2, bias=False)
        self.convp_mix = nn.Conv2d(10, 10, 1)
        self.out = GroupedLinear(16, 16, 60)

    def forward(self, embedding: Tensor, c0: Tensor) -> Tensor:
        """See the class."""
        hidden, _ = self.gru(torch.relu(self.linear_in(embedding))[None])
        wide = torch.tanh(self.out(hidden[0] + self.skip(embedding))).reshape(-1, FILTERED, 10)
        local = torch.relu(self.convp_mix(self.convp(F.pad(c0, (0, 0, 4, 0)))))
        return (wide + local[0].permute(1, 2, 0)).reshape(-1, FILTERED, ORDER, 2)


class DeepFilterNet3(nn.Module):
    """Hops of noisy samples (T, 480) to hops of clean ones, gains of bands, local SNR in dB."""

    bands: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.analysis, self.synthesis = Analysis(), Synthesis()
        widths = torch.tensor(band_widths())
        bands = torch.repeat_interleave(torch.eye(BANDS), widths, 0)
        self.register_buffer("spread", bands.T.contiguous())
        self.register_buffer("average", bands / widths)
        self.mean = RunningMean(torch.linspace(-60, -90, BANDS), 0.99, scale=40)
        self.unit = RunningUnit(torch.linspace(1e-3, 1e-4, FILTERED), 0.99)
        self.encoder = Encoder()
        self.gain_decoder = GainDecoder()
        self.filter_decoder = FilterDecoder()

    def forward(self, input: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # noqa: A002
        """Samples (T, 480) in -1…1, f32, to the clean ones, gains (T, 32) and local SNR (T, 1)."""
        # What comes out of a step belongs to the hop `LATE` before: silence follows the end.
        hops = F.pad(input, (0, 0, 0, LATE))
        spectra = self.analysis(torch.cat([_earlier(hops, 1), hops], 1))
        power = (spectra * spectra).sum(1)
        decibels = 10 * torch.log10(power @ self.average + 1e-10)
        low = self.unit(spectra[:, :, :FILTERED])
        skips, c0, embedding, local_snr = self.encoder(self.mean(decibels), low)
        gains = self.gain_decoder(embedding, skips)
        coefficients = self.filter_decoder(embedding, c0)
        masked = _earlier(spectra, AHEAD) * (gains @ self.spread)[:, None]
        clean = torch.cat(
            [_filtered(spectra[:, :, :FILTERED], coefficients), masked[:, :, FILTERED:]], 2
        )
        frames = self.synthesis(clean)
        samples = frames[:, :HOP] + _earlier(frames[:, HOP:], 1)
        return samples[LATE:], gains[LATE:], local_snr[LATE:]


def _filtered(low: Tensor, coefficients: Tensor) -> Tensor:
    """The deep filter: spectra (T, 2, 96) and coefficients (T, 96, 5, 2) to spectra (T, 2, 96)."""
    real, imaginary = [], []
    for n in range(ORDER):
        frame = _earlier(low, ORDER - 1 - n)
        c, s = coefficients[:, :, n, 0], coefficients[:, :, n, 1]
        real.append(frame[:, 0] * c - frame[:, 1] * s)
        imaginary.append(frame[:, 0] * s + frame[:, 1] * c)
    return torch.stack([sum(real[1:], real[0]), sum(imaginary[1:], imaginary[0])], 1)
