"""A keyword spotter, as a reader of "Write your own" may bring."""

import torch
from torch import nn


class Spotter(nn.Module):
    """Mel frames (B, S, 24) to scores of four words (B, S', 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Conv1d(24, 16, kernel_size=5, stride=2)
        self.far = nn.Conv1d(16, 16, kernel_size=3, dilation=2)
        self.words = nn.Linear(16, 4)

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """Scores, frame by frame."""
        heard = torch.relu(self.near(mel.transpose(1, 2)))
        heard = torch.relu(self.far(heard))
        return self.words(heard.transpose(1, 2))


def model() -> tuple[nn.Module, dict[str, torch.Tensor]]:
    """The net, untrained, and a strip."""
    torch.manual_seed(3)
    return Spotter(), {"mel": torch.randn(1, 60, 24)}
