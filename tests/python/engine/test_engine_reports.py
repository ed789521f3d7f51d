"""What tract pulses wrongly (tests/engine/reports) is refused by the exporter."""

import pytest
from torch import nn

from models import Bidirectional, export
from nnef_pulse import errors


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
    with pytest.raises(errors.PulseRefusedError, match="cannot stream along S"):
        export(DownsampledRecurrence(), tmp_path / "out", pulses={"S": 3})
    assert not list(tmp_path.iterdir())
