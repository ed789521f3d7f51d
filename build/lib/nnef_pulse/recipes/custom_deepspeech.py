"""A small DeepSpeech that marks events in a mel strip, to see delay as a late peak.

The architecture is that of torch-to-nnef's tutorial on dynamic axes: a strided convolution stack
before DeepSpeech (Hannun et al., 2014, arXiv:1412.5567), except that the recurrent layer runs
forwards alone: a backward layer needs the end of the stream.

The task is made up: a strip holds blobs, each centred on one of 39 bands, among noise, long tones
and broadband bursts that mean nothing. The frame over a blob's centre must carry its band.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnef_pulse.recipes import ExportSpec
from nnef_pulse.recipes.training import Trained, fit, trained

BANDS, CLASSES = 64, 40
# Output frame k sees input frames 4k to 4k+12; its own share is the four in the middle.
STRIDE, FIRST_OWN, SEEN = 4, 5, 13
_STEPS, _BATCH, _FRAMES = 1500, 24, 160


class CustomDeepSpeech(nn.Module):
    """Mel strip (B, S, 64) to class log-probabilities (B, -3+(S+3)/4, 40); class 0: no event."""

    def __init__(self, hidden: int = 256) -> None:
        super().__init__()
        self.pre = nn.Sequential(
            nn.BatchNorm1d(BANDS),
            nn.Conv1d(BANDS, 128, kernel_size=3, stride=2),
            nn.ReLU(),
            nn.Conv1d(128, 128, kernel_size=5),
            nn.ReLU(),
            nn.MaxPool1d(2),
        )
        self.before = nn.ModuleList(
            [nn.Linear(128, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, hidden)]
        )
        self.rnn = nn.RNN(hidden, hidden, nonlinearity="relu", batch_first=True)
        self.after = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, CLASSES)

    def forward(self, melbank: Tensor) -> Tensor:
        """Log-probabilities, f32, of a strip in log-mel units, f32."""
        features = self.pre(melbank.transpose(1, 2)).transpose(1, 2)
        for layer in self.before:
            features = layer(features).clamp(0.0, 20.0)
        features, _ = self.rnn(features)
        features = self.after(features).clamp(0.0, 20.0)
        return F.log_softmax(self.out(features), dim=-1)


def strips(rng: torch.Generator, batch: int, frames: int) -> tuple[Tensor, Tensor]:
    """Strips (batch, frames, 64) and, per output frame, the class to find (batch, frames')."""
    strip = torch.randn(batch, frames, BANDS, generator=rng) * 0.3
    labels = torch.zeros(batch, 1 + (frames - SEEN) // STRIDE, dtype=torch.long)
    time, band = torch.arange(frames).float(), torch.arange(BANDS).float()

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=rng))

    for row in range(batch):
        strip[row] += (uniform(0, 1) < 0.5) * torch.exp(-((band - uniform(0, 64)) ** 2)) * 1.5
        burst = torch.exp(-(((time - uniform(0, frames)) / 1.5) ** 2))[:, None]
        strip[row] += (uniform(0, 1) < 0.5) * burst * 1.5
        at = int(uniform(FIRST_OWN, 24))
        while at < frames - SEEN:
            kind = int(uniform(1, CLASSES))
            blob = torch.exp(-(((time - at) / 1.2) ** 2))[:, None]
            blob = blob * torch.exp(-(((band - 1.58 * kind) / 1.0) ** 2))
            strip[row] += blob * uniform(2.5, 4)
            frame = (at - FIRST_OWN) // STRIDE
            if frame < labels.shape[1]:
                labels[row, frame] = kind
            at += int(uniform(9, 30))
    return strip, labels


def measure(model: nn.Module, strip: Tensor, labels: Tensor) -> float:
    """Harmonic mean of recall and precision over events, right in frame and band."""
    with torch.no_grad():
        found = model(strip).argmax(-1)
    right = ((found == labels) & (labels > 0)).sum().item()
    return float(2 * right / ((found > 0).sum() + (labels > 0).sum()))


def _train() -> Trained:
    rng = torch.Generator().manual_seed(1)
    model = CustomDeepSpeech()
    weights = torch.full((CLASSES,), 3.0)
    weights[0] = 1.0

    def loss(_step: int) -> Tensor:
        strip, labels = strips(rng, _BATCH, _FRAMES)
        return F.nll_loss(model(strip).flatten(0, 1), labels.flatten(), weights)

    fit("custom-deepspeech", model, loss, steps=_STEPS, rate=2e-3)
    held_out = strips(torch.Generator().manual_seed(2), 200, _FRAMES)
    return Trained(model.state_dict(), measure(model.eval(), *held_out))


def spec(_options: Mapping[str, str]) -> ExportSpec:
    """What `export_bundle` needs."""
    weights = trained("custom-deepspeech", _train)
    model = CustomDeepSpeech()
    model.load_state_dict(weights.state)
    example, _ = strips(torch.Generator().manual_seed(3), 2, 100)
    return ExportSpec(
        model=model,
        inputs={"melbank": example},
        axes={"melbank": {0: "B", 1: "S"}},
        pulses={"S": 8},
        outputs=["output"],
        card={
            "title": "CustomDeepSpeech: events in a mel strip",
            "source": {
                "model": "Convolutions of stride 2, max-pooling, three dense layers, a forward "
                "RNN and two more dense layers, as in torch-to-nnef's tutorial on dynamic axes.",
                "weights": "Trained here, from a seed, on strips drawn by the recipe.",
            },
            "licence": {"name": "MIT OR Apache-2.0", "holder": "the nnef-pulse authors"},
            "quality": {
                "data": "200 held-out strips of 160 frames from the recipe's generator",
                "measure": "F1 over events, right in output frame and band",
                "figure": round(weights.figure, 4),
                "claimedBy": "the nnef-pulse authors, measured when the weights were made",
            },
        },
    )
