"""What tract pulses wrongly (tests/engine/reports) is refused by the exporter, or avoided."""

import numpy as np
import pytest
import torch
from torch import nn

from models import Bidirectional, export
from nnef_pulse import errors
from nnef_pulse.bundle.export import export_bundle
from nnef_pulse.engine.model import Model


class DownsampledRecurrence(nn.Module):
    """reports/downsampled-scan.md: a delay, a recurrence, and one frame in three of it."""

    def __init__(self):
        super().__init__()
        self.late = nn.Conv1d(8, 8, 2)
        self.recurrence = nn.GRU(8, 8, batch_first=True)
        self.third = nn.Conv1d(8, 8, 1, stride=3)

    def forward(self, x):
        late = self.late(x.transpose(1, 2)).transpose(1, 2)
        return self.third(self.recurrence(late)[0].transpose(1, 2))


def test_a_recurrence_that_runs_backwards(tmp_path):
    with pytest.raises(errors.BidirectionalError, match="GRU"):
        export(Bidirectional(nn.GRU), tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_downsampled_recurrence_behind_a_delay(tmp_path):
    """Thinned before the convolution it is exact: tract pulls no slice through the recurrence."""
    torch.manual_seed(0)
    model = DownsampledRecurrence().eval()
    bundle = export(model, tmp_path / "out", pulses={"S": 3})
    (entry,) = bundle.manifest["pulses"]
    signal = torch.randn(1, 120, 8)
    stream = Model(bundle.bytes_of(entry["file"])).prepared().stream()
    parts = [stream.run([signal[:, at : at + 3].numpy()])[0] for at in range(0, 120, 3)]
    with torch.no_grad():
        want = model(signal).numpy()
    got = np.concatenate(parts, 2)[:, :, entry["delay"] :]
    np.testing.assert_allclose(got, want[:, :, : got.shape[2]], atol=1e-5)


class FramesFirst(nn.Module):
    """A product by groups and a recurrence, over frames that come first."""

    def __init__(self):
        super().__init__()
        self.groups = nn.Parameter(torch.randn(16, 16, 16) / 4)
        self.recurrence = nn.GRU(256, 256, batch_first=True)

    def forward(self, x):
        products = torch.einsum("tgi,gio->tgo", x.reshape(-1, 16, 16), self.groups)
        return self.recurrence(torch.relu(products.reshape(-1, 256))[None])[0][0]


def test_a_name_that_tract_gives_to_two_steps(tmp_path):
    """Pulsed by one frame, tract writes a bias under the name of what it is added to."""
    torch.manual_seed(0)
    model = FramesFirst().eval()
    signal = torch.randn(20, 256)
    bundle = export_bundle(
        model, {"x": signal}, tmp_path / "out", axes={"x": {0: "T"}}, pulses={"T": 1}
    )
    (entry,) = bundle.manifest["pulses"]
    stream = Model(bundle.bytes_of(entry["file"])).prepared().stream()
    got = np.concatenate([stream.run([frame[None].numpy()])[0] for frame in signal])
    with torch.no_grad():
        np.testing.assert_allclose(got, model(signal).numpy(), atol=1e-5)
