"""Recurrent layers of ONNX files: written out where tract misreads them, or refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from frontends.onnx_models import saved, tensor
from nnef_pulse.bundle.model_file import export_file
from nnef_pulse.engine.model import Model
from nnef_pulse.errors import (
    NnefPulseError,
    UnsupportedError,
)
from nnef_pulse.frontends import onnx as door
from nnef_pulse.frontends.onnx_rewrite import for_tract


def recurrent(
    path: Path, op: str, hidden: int, *, bias: bool, start: bool, opset: int = 17, **more: object
) -> Path:
    rng = np.random.default_rng(hidden)
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[op]
    weights = {
        "w": rng.standard_normal((1, gates * hidden, 5)).astype(np.float32) * 0.3,
        "r": rng.standard_normal((1, gates * hidden, hidden)).astype(np.float32) * 0.3,
        "b": rng.standard_normal((1, 2 * gates * hidden)).astype(np.float32),
    }
    inputs = [tensor("x", ["S", "B", 5])] + [tensor("h", [1, "B", hidden])] * start
    names = ["x", "w", "r", "b" if bias else "", "", "h" if start else ""]
    node = helper.make_node(op, names, ["y", "last"], "layer", hidden_size=hidden, **more)
    return saved(path, [node], inputs, ["y", "last"], weights, opset)


@settings(max_examples=12, deadline=None)
@given(
    hidden=st.integers(1, 9),
    bias=st.booleans(),
    start=st.booleans(),
    opset=st.sampled_from([11, 14, 17]),
    length=st.integers(1, 12),
    batch=st.integers(1, 3),
)
def test_a_relu_rnn_written_out_computes_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    hidden: int,
    bias: bool,
    start: bool,
    opset: int,
    length: int,
    batch: int,
) -> None:
    path = tmp_path_factory.mktemp("rnn") / "it.onnx"
    recurrent(path, "RNN", hidden, bias=bias, start=start, opset=opset, activations=["Relu"])
    rng = np.random.default_rng(length)
    feed = {"x": rng.standard_normal((length, batch, 5)).astype(np.float32)}
    if start:
        feed["h"] = rng.standard_normal((1, batch, hidden)).astype(np.float32)
    model = onnx.load(path)
    rewritten = for_tract(model)
    assert "Scan" in {node.op_type for node in rewritten.graph.node}
    theirs, ours = (
        onnxruntime.InferenceSession(
            it.SerializeToString(), providers=["CPUExecutionProvider"]
        ).run(None, feed)
        for it in (model, rewritten)
    )
    for want, got in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(got, want, atol=1e-5)
    source = door.source(path)
    by_tract = Model(source.archive.to_bytes()).prepared().run(list(feed.values()))
    for want, found in zip(theirs, by_tract, strict=True):
        np.testing.assert_allclose(found, want, atol=1e-5)


@pytest.mark.parametrize(
    ("op", "more", "why"),
    [
        ("LSTM", {"activations": ["Sigmoid", "Relu", "Tanh"]}, "activations sigmoid, relu, tanh"),
        ("GRU", {"activations": ["HardSigmoid", "Tanh"]}, "activations hardsigmoid, tanh"),
        ("RNN", {"activations": ["Relu"], "direction": "reverse"}, "activations relu"),
        ("RNN", {"clip": 1.0}, "clip=1.0"),
    ],
)
def test_recurrent_layers_tract_would_misread_are_refused(
    tmp_path: Path, op: str, more: dict[str, object], why: str
) -> None:
    path = recurrent(tmp_path / "it.onnx", op, 4, bias=True, start=False, **more)
    with pytest.raises(UnsupportedError, match=rf"{op} \(node 'layer'\) with {why}"):
        door.source(path)


@pytest.mark.parametrize("op", ["RNN", "LSTM", "GRU"])
def test_a_bidirectional_layer_is_refused_when_pulsed(tmp_path: Path, op: str) -> None:
    rng = np.random.default_rng(1)
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[op]
    weights = {
        "w": rng.standard_normal((2, gates * 4, 5)).astype(np.float32),
        "r": rng.standard_normal((2, gates * 4, 4)).astype(np.float32),
    }
    attributes = {"hidden_size": 4, "direction": "bidirectional"}
    node = helper.make_node(op, ["x", "w", "r"], ["y"], "layer", **attributes)
    path = saved(tmp_path / "it.onnx", [node], [tensor("x", ["S", 1, 5])], ["y"], weights)
    with pytest.raises(NnefPulseError) as caught:
        export_file(path, tmp_path / "out", pulses={"S": 4})
    assert caught.value.exit_code == 1
