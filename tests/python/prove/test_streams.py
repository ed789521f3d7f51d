"""Whatever tract makes of a model: its stream equals PyTorch on sound the proof never saw, or it is
refused."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from models import export
from nnef_pulse.engine.model import Model
from nnef_pulse.errors import NnefPulseError


class Late(nn.Module):
    """Something after a convolution, which makes it late. x is (B, S, 8), so is what it gives."""

    def __init__(self, then, *, padding=1):
        super().__init__()
        self.convolution = nn.Conv1d(8, 8, 3, padding=padding)
        self.then = then

    def forward(self, x):
        return self.then(self.convolution(x.transpose(1, 2)).transpose(1, 2), x)


class Recurrent(nn.Module):
    def __init__(self, kind, **more):
        super().__init__()
        self.layer = kind(8, 8, batch_first=True, **more)

    def forward(self, late, _x):
        return self.layer(late)[0]


class Twice(nn.Module):
    """Two branches that look ahead by different lengths meet."""

    def __init__(self, meet):
        super().__init__()
        self.near, self.far = nn.Conv1d(8, 8, 3, padding=1), nn.Conv1d(8, 8, 9, padding=4)
        self.meet = meet

    def forward(self, late, _x):
        wave = late.transpose(1, 2)
        return self.meet(self.near(wave).transpose(1, 2), self.far(wave).transpose(1, 2))


class Thinned(nn.Module):
    """Every tap of the convolutions meets each second frame alone."""

    def __init__(self):
        super().__init__()
        self.apart = nn.Conv1d(8, 8, 3, stride=2, dilation=2, padding=2)
        self.narrow = nn.Conv1d(8, 8, 1, stride=2)

    def forward(self, late, _x):
        wave = late.transpose(1, 2)
        return (self.apart(wave) + self.narrow(wave)).transpose(1, 2)


class Stepping(nn.Module):
    """Frames are halved, then doubled again."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv1d(8, 8, 4, stride=2, padding=1)
        self.up = nn.ConvTranspose1d(8, 8, 4, stride=2, padding=1)

    def forward(self, late, _x):
        return self.up(torch.relu(self.down(late.transpose(1, 2)))).transpose(1, 2)


def joined(late, x):
    return torch.cat([late, x], 2)


def _nearest(x):
    return functional.interpolate(x.transpose(1, 2), scale_factor=2).transpose(1, 2)


def branches(a, b):
    return torch.cat([a, torch.relu(b), a * b], 2)


MODELS = {
    "rnn": lambda: Late(Recurrent(nn.RNN)),
    "rnn of relu": lambda: Late(Recurrent(nn.RNN, nonlinearity="relu")),
    "gru": lambda: Late(Recurrent(nn.GRU)),
    "lstm": lambda: Late(Recurrent(nn.LSTM)),
    "two lstms": lambda: Late(Recurrent(nn.LSTM, num_layers=2)),
    "lstm after a cut": lambda: Late(Recurrent(nn.LSTM), padding=0),
    "concat": lambda: Late(joined),
    "sum": lambda: Late(lambda late, x: late + x),
    "concat of branches": lambda: Late(Twice(branches)),
    "product of branches": lambda: Late(Twice(torch.mul)),
    "there and back": lambda: Late(Stepping()),
    "running sum": lambda: Late(lambda late, x: torch.cumsum(late, 1)),
    "softmax over time": lambda: Late(lambda late, x: torch.softmax(late, 1)),
    "reversed": lambda: Late(lambda late, x: torch.flip(late, [1])),
    "rolled": lambda: Late(lambda late, x: torch.roll(late, 1, 1)),
    "first frame": lambda: Late(lambda late, x: late - late[:, :1]),
    "last frame": lambda: Late(lambda late, x: late - late[:, -1:]),
    "every other": lambda: Late(lambda late, x: late[:, ::2]),
    "shifted": lambda: Late(lambda late, x: functional.pad(late, (0, 0, 3, 0))[:, :-3]),
    "thinned": lambda: Late(Thinned()),
    "repeated": lambda: Late(lambda late, x: late.repeat_interleave(2, 1), padding=0),
    "repeated twice": lambda: Late(lambda late, x: _nearest(_nearest(late)), padding=0),
    "halved, then repeated": lambda: Late(lambda late, x: _nearest(late[:, ::2]), padding=0),
    "limited by whole numbers": lambda: Late(lambda late, x: late.clamp(-1, 1).clamp_min(0)),
    "channels rolled": lambda: Late(lambda late, x: late.roll(3, 2)),
    "differences": lambda: Late(lambda late, x: late[:, 1:] - late[:, :-1]),
    "reflected": lambda: Late(
        lambda late, x: functional.avg_pool1d(
            functional.pad(late.transpose(1, 2), (2, 2), mode="reflect"), 5, 1
        ).transpose(1, 2)
    ),
    "positions": lambda: Late(lambda late, x: late + torch.arange(late.shape[1])[:, None] / 99),
    "largest": lambda: Late(lambda late, x: late / late.abs().amax(1, keepdim=True)),
}
# What must come through, each a stack somebody streams.
STREAMS = {
    *("rnn", "rnn of relu", "gru", "lstm", "two lstms", "lstm after a cut"),
    *("concat", "sum", "concat of branches", "product of branches", "shifted"),
    *("repeated", "repeated twice", "halved, then repeated"),
    *("limited by whole numbers", "channels rolled", "thinned"),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_stream_is_torchs_or_refused(tmp_path, name):
    torch.manual_seed(0)
    model = MODELS[name]().eval()
    try:
        bundle = export(model, tmp_path / "out")
    except NnefPulseError as error:
        assert error.exit_code == 1
        assert name not in STREAMS, str(error)
        return
    (entry,) = bundle.manifest["pulses"]
    signal = np.random.default_rng(5).standard_normal((1, 92, 8)).astype(np.float32)
    with torch.no_grad():
        want = model(torch.from_numpy(signal)).numpy()
    stream = Model(bundle.bytes_of(entry["file"])).prepared().stream()
    pulses = [stream.run([signal[:, at : at + 4]])[0] for at in range(0, 92, 4)]
    got = np.concatenate(pulses, 1)[:, entry["delay"] :]
    proof = next(it for it in bundle.manifest["verified"] if it["claim"] == "pulsed")
    end = min(got.shape[1], want.shape[1] - proof.get("tail", {"frames": 0})["frames"])
    assert end > 40
    np.testing.assert_allclose(
        got[:, entry["warmUp"] : end], want[:, entry["warmUp"] : end], atol=1e-4, rtol=0
    )
    assert name not in STREAMS or entry["warmUp"] == 0
