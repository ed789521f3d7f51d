"""A module of bfloat16 is exported in float32 and keeps its own weights."""

import numpy as np
import pytest
import torch
from torch import nn

from nnef_pulse.engine.model import Model
from nnef_pulse.frontends import pytorch


def _under_autocast(x, layer):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return layer(x)


class Layer(nn.Module):
    def __init__(self, function, layer):
        super().__init__()
        self.function, self.layer = function, layer

    def forward(self, x):
        return self.function(x, self.layer)


BFLOAT16 = {
    "weights": (lambda x, it: it(x.bfloat16()).float(), nn.Conv1d(4, 6, 3).bfloat16()),
    "inputs too": (lambda x, it: it(x), nn.Conv1d(4, 6, 3).bfloat16()),
    "recurrence": (lambda x, it: it(x.bfloat16())[0], nn.GRU(32, 6, batch_first=True).bfloat16()),
    "cast": (lambda x, it: it(x).to(dtype=torch.bfloat16), nn.Conv1d(4, 6, 3)),
    "autocast": (_under_autocast, nn.Conv1d(4, 6, 3)),
}


@pytest.mark.parametrize("name", BFLOAT16)
def test_bfloat16_becomes_float32(name):
    model = Layer(*BFLOAT16[name])
    before = {key: it.dtype for key, it in model.state_dict().items()}
    x = torch.randn(1, 4, 32)
    x = x.bfloat16() if name == "inputs too" else x
    source = pytorch.source(model, {"x": x}, axes={"x": {0: "B"}})
    assert source.precision == "bf16"
    assert {key: it.dtype for key, it in model.state_dict().items()} == before
    [got] = Model(source.archive.to_bytes()).prepared().run([source.example["x"]])
    [want] = source.run(source.example).values()
    assert got.dtype == want.dtype == np.float32
    assert np.abs(got - want).max() < 0.05 * np.abs(want).max()
