"""Streams against the whole model, however the frames are pushed."""

import numpy as np
import pytest
import torch
from torch import nn

from models import SameConvolutions, export
from nnef_pulse.engine.model import Model
from nnef_pulse.errors import BundleError, UnknownInputError, UsageError
from nnef_pulse.run import open_stream


class TwoRates(nn.Module):
    """Two outputs of different delay and rate."""

    def __init__(self):
        super().__init__()
        self.far, self.near = nn.Conv1d(8, 4, 9), nn.Conv1d(8, 2, 4, stride=2)

    def forward(self, x):
        wave = x.transpose(1, 2)
        return self.far(wave), self.near(wave)


class Stacked(nn.Module):
    def forward(self, x):
        batch, frames, features = x.shape
        return x.reshape(batch, frames // 4, 4 * features)


@pytest.fixture(scope="module")
def two_rates(tmp_path_factory):
    return export(TwoRates(), tmp_path_factory.mktemp("two") / "two", pulses={"S": [4, 8]})


def whole_of(bundle, inputs):
    model = Model(bundle.bytes_of("model.nnef.tgz"))
    return {
        port.name: array
        for port, array in zip(model.outputs, model.prepared().run([*inputs.values()]), strict=True)
    }


def joined(stream, results):
    found = {}
    for timing in stream.outputs:
        parts = [each for each in results if each.name == timing.name]
        times = np.cumsum([0, *[each.data.shape[timing.axis] for each in parts]])
        assert [each.time for each in parts] == [parts[0].time + n for n in times[:-1]]
        found[timing.name] = np.concatenate([each.data for each in parts], timing.axis)
    return found


@pytest.mark.parametrize("pulse", [4, 8])
@pytest.mark.parametrize("length", [13, 37, 64, 101])
def test_the_stream_equals_the_whole_in_any_pieces(two_rates, pulse, length):
    rng = np.random.default_rng(length)
    x = rng.standard_normal((3, length, 8)).astype(np.float32)
    stream = open_stream(two_rates, pulse=pulse)
    for _ in range(2):
        results, at = [], 0
        while at < length:
            size = int(rng.integers(0, 12))
            results += stream.push({"x": x[:, at : at + size]})
            at += size
        results += stream.flush()
        assert stream.flush() == []
        found = joined(stream, results)
        for name, expected in whole_of(two_rates, {"x": x}).items():
            assert found[name].shape == expected.shape
            np.testing.assert_allclose(found[name], expected, atol=1e-5)
        stream.reset()


def test_a_multiple_streams(tmp_path):
    bundle = export(Stacked(), tmp_path / "out", axes={"x": {1: "4*S"}}, pulses={"S": 1})
    x = torch.arange(8 * 24.0).reshape(1, 24, 8).numpy()
    stream = open_stream(bundle)
    results = stream.push({"x": x}) + stream.flush()
    assert np.array_equal(joined(stream, results)["output"], x.reshape(1, 6, 32))


def test_padding_at_the_end_is_reported_as_zeros_follow(tmp_path):
    bundle = export(SameConvolutions(), tmp_path / "out")
    x = np.random.default_rng(0).standard_normal((1, 41, 8)).astype(np.float32)
    stream = open_stream(bundle)
    found = joined(stream, stream.push({"x": x}) + stream.flush())
    (expected,) = whole_of(bundle, {"x": x}).values()
    (output,) = found.values()
    assert output.shape == expected.shape
    np.testing.assert_allclose(output[..., :37], expected[..., :37], atol=1e-5)


def test_wrong_inputs_are_refused_and_the_stream_goes_on(two_rates):
    stream = open_stream(two_rates, pulse=4)
    with pytest.raises(UnknownInputError, match="no input y: it has x"):
        stream.push({"y": np.zeros(3)})
    with pytest.raises(UsageError, match="takes f32"):
        stream.push({"x": np.zeros((1, 4, 8))})
    with pytest.raises(UsageError, match="8 long, not 7"):
        stream.push({"x": np.zeros((1, 4, 7), np.float32)})
    with pytest.raises(UsageError, match="not finite"):
        stream.push({"x": np.full((1, 4, 8), np.nan, np.float32)})
    stream.flush()
    with pytest.raises(UsageError, match="reset"):
        stream.push({"x": np.zeros((1, 4, 8), np.float32)})
    with pytest.raises(BundleError, match="no pulsed form of 5"):
        open_stream(two_rates, pulse=5)
