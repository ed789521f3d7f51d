"""Small modules that stream, or must be refused."""

import torch
from torch import nn

from nnef_pulse.bundle.export import export_bundle


class Bidirectional(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.rnn = kind(8, 8, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.rnn(x)[0]


class Mean(nn.Module):
    def forward(self, x):
        return x - x.mean(1, keepdim=True)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Linear(8, 8)

    def forward(self, x):
        return torch.softmax(self.query(x) @ x.transpose(1, 2), -1) @ x


class Strided(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv1d(8, 8, 3, stride=4)

    def forward(self, x):
        return self.convolution(x.transpose(1, 2))


class GeluConvolutions(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv1d(8, 8, 3), nn.Conv1d(8, 8, 3)

    def forward(self, x):
        return self.second(nn.functional.gelu(self.first(x.transpose(1, 2))))


class PaddedBack(nn.Module):
    """Inside it has four frames fewer than its output shows."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv1d(8, 8, 5)

    def forward(self, x):
        return nn.functional.pad(self.convolution(x.transpose(1, 2)), (4, 0))


class SameConvolutions(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(8, 8, 5, padding=2)
        self.second = nn.Conv1d(8, 8, 5, padding=2)

    def forward(self, x):
        return self.second(torch.relu(self.first(x.transpose(1, 2))))


class Frozen(nn.Module):
    """Tracing keeps the number 40, wherever the example had it."""

    def forward(self, x):
        return x + torch.zeros([int(size) for size in x.shape[1:]])


def example(frames=40, batch=1):
    return {"x": torch.randn(batch, frames, 8, generator=torch.Generator().manual_seed(0))}


def export(model, out, **more):
    torch.manual_seed(0)
    arguments = {"axes": {"x": {0: "B", 1: "S"}}, "pulses": {"S": 4}, **more}
    return export_bundle(model, example(), out, **arguments)
