"""The ONNX door: the same model as through PyTorch, free sizes as symbols, refusals by name."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import safetensors.numpy
import silero_vad
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from nnef_pulse.bundle.model_file import export_file
from nnef_pulse.cli import app as cli
from nnef_pulse.engine.model import Model
from nnef_pulse.errors import (
    AssertBrokenError,
    AxisError,
    FrozenDimError,
    ModeError,
    NnefPulseError,
    SourceError,
    UnknownInputError,
    UnsupportedError,
    UsageError,
)
from nnef_pulse.frontends import onnx as door
from nnef_pulse.frontends import pytorch
from nnef_pulse.frontends.onnx_rewrite import for_tract
from nnef_pulse.recipes.custom_deepspeech import CustomDeepSpeech

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def saved(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[str],
    weights: dict[str, np.ndarray[Any, Any]] | None = None,
    opset: int = 17,
) -> Path:
    graph = helper.make_graph(
        nodes,
        "g",
        inputs,
        [helper.make_tensor_value_info(it, FLOAT, None) for it in outputs],
        [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 9
    onnx.save(model, path)
    return path


def tensor(name: str, shape: Sequence[int | str | None], kind: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


@pytest.fixture(scope="module")
def deepspeech(tmp_path_factory: pytest.TempPathFactory) -> tuple[CustomDeepSpeech, Path]:
    torch.manual_seed(0)
    model = CustomDeepSpeech().eval()
    path = tmp_path_factory.mktemp("onnx") / "deepspeech.onnx"
    # torch's newer exporter unrolls the recurrent layer at the traced length.
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            model,
            (torch.randn(2, 100, 64),),
            path,
            input_names=["melbank"],
            output_names=["output"],
            dynamic_axes={"melbank": {0: "B", 1: "S"}},
            dynamo=False,
        )
    return model, path


def test_deepspeech_through_both_doors_is_one_model(
    deepspeech: tuple[CustomDeepSpeech, Path],
) -> None:
    model, path = deepspeech
    melbank = np.random.default_rng(1).standard_normal((3, 128, 64)).astype(np.float32)
    axes = {"melbank": {0: "B", 1: "S"}}
    wholes = [
        Model(source.archive.to_bytes())
        for source in (
            pytorch.source(model, {"melbank": torch.randn(2, 100, 64)}, axes=axes),
            door.source(path),
        )
    ]
    assert [it.outputs[0].fact for it in wholes] == ["B,-3+(S+3)/4,40,f32"] * 2
    pulsed = [it.pulsed("S", 8) for it in wholes]
    assert [it.streaming.delay for it in pulsed if it.streaming] == [3, 3]

    by_torch, by_onnx = (it.prepared().run([melbank])[0] for it in wholes)
    assert np.abs(by_torch).max() > 1
    np.testing.assert_allclose(by_onnx, by_torch, atol=1e-5, rtol=0)

    frames = []
    for model_of_stream in pulsed:
        stream = model_of_stream.prepared().stream()
        chunks = [melbank[:, 8 * n : 8 * n + 8] for n in range(16)]
        frames.append(np.concatenate([stream.run([chunk])[0] for chunk in chunks], 1))
    # Frames before the delay stand for nothing, and hold what the buffers began with.
    np.testing.assert_allclose(frames[1][:, 3:], frames[0][:, 3:], atol=1e-5, rtol=0)
    np.testing.assert_allclose(frames[1][:, 3:], by_torch[:, :29], atol=1e-5, rtol=0)


def test_a_bundle_from_the_command_line(
    deepspeech: tuple[CustomDeepSpeech, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, path = deepspeech
    arguments = ["export", str(path), "-o", str(tmp_path / "speech"), "--pulse", "S=8", "--json"]
    assert cli.run(arguments) == 0
    manifest = json.loads(capsys.readouterr().out)
    assert manifest["symbols"] == ["B", "S"]
    assert manifest["pulses"][0]["delay"] == 3
    assert "engine's own text" in manifest["source"]["model"]
    assert manifest["source"]["framework"] == f"onnxruntime {onnxruntime.__version__}"
    assert {proof["claim"] for proof in manifest["verified"]} == {"whole", "pulsed"}


def test_exports_repeat_byte_for_byte_and_tell_nothing_of_their_maker(
    deepspeech: tuple[CustomDeepSpeech, Path], tmp_path: Path
) -> None:
    _, path = deepspeech
    canary = "q7vk2mzt9xw4hb6d"
    model = onnx.load(path)
    model.doc_string = model.producer_name = model.domain = canary
    model.graph.doc_string = model.graph.node[0].doc_string = canary
    model.metadata_props.add(key="host", value=canary)
    marked = tmp_path / f"{canary}.onnx"
    onnx.save(model, marked)
    bundles = [export_file(marked, tmp_path / name / "it") for name in ("first", "second")]
    for file in sorted(bundles[0].path.iterdir()):
        assert file.read_bytes() == bundles[1].bytes_of(file.name)
        assert canary not in str(bundles[0].manifest)
    text = Model(bundles[0].bytes_of("model.nnef.tgz"))
    assert canary not in door.Archive.from_bytes(text.archive).text


def test_sizes_left_free_become_symbols(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "free.onnx",
        [
            helper.make_node("Concat", ["input.1", "other/in"], ["both"], axis=1),
            helper.make_node("Relu", ["both"], ["out/1"]),
        ],
        [tensor("input.1", ["N", None, 3]), tensor("other/in", ["N", "2*n + 1", 3])],
        ["out/1"],
    )
    source = door.source(path)
    assert source.dims.symbols == ("N", "input_1_1", "other_in_1")
    assert list(source.example) == ["input_1", "other_in"]
    assert source.run(source.example)["out_1"].shape == (2, 64, 3)
    assert Model(source.archive.to_bytes()).outputs[0].dims[0] == "N"
    # Renaming one axis renames what the file calls the same.
    renamed = door.source(path, axes={"other/in": {0: "B", -2: "T"}})
    assert renamed.dims.axes == {"input_1": {0: "B", 1: "input_1_1"}, "other_in": {0: "B", 1: "T"}}


def test_a_size_the_file_fixes_can_be_opened_and_a_frozen_one_is_found(tmp_path: Path) -> None:
    inputs = [tensor("x", [1, 8])]
    relu = saved(tmp_path / "relu.onnx", [helper.make_node("Relu", ["x"], ["y"])], inputs, ["y"])
    assert export_file(relu, tmp_path / "a", axes={"x": {1: "S"}}).manifest["outputs"] == [
        {"name": "y", "fact": "1,S,f32"}
    ]
    flat = saved(
        tmp_path / "flat.onnx",
        [helper.make_node("Add", ["x", "bias"], ["y"])],
        inputs,
        ["y"],
        {"bias": np.zeros(32, np.float32)},
    )
    with pytest.raises((FrozenDimError, UnsupportedError)):
        export_file(flat, tmp_path / "b", axes={"x": {1: "S"}})


def test_asserts_and_modes_choose_the_example(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "cache.onnx",
        [helper.make_node("Concat", ["past", "x"], ["y"], axis=0)],
        [tensor("x", ["S", 4]), tensor("past", ["P", 4])],
        ["y"],
    )
    asked = {"asserts": ["S+P < 16"], "modes": {"tg": "S==1", "pp": "P==0"}}
    source = door.source(path, **asked)
    assert source.dims.allows(source.dims.example)
    bundle = export_file(path, tmp_path / "cache", **asked)
    assert bundle.manifest["outputs"][0]["fact"] in ("S+P,4,f32", "P+S,4,f32")
    with pytest.raises(AssertBrokenError, match="S < 0"):
        door.source(path, asserts=["S < 0"])
    with pytest.raises(ModeError, match="never"):
        door.source(path, modes={"none": ["S < 1", "S > 1"]})


def test_an_example_of_ones_own(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "gather.onnx",
        [helper.make_node("Gather", ["table", "ids"], ["y"])],
        [tensor("ids", ["S"], INT64)],
        ["y"],
        {"table": np.arange(20, dtype=np.float32).reshape(10, 2)},
    )
    example = tmp_path / "example.safetensors"
    safetensors.numpy.save_file({"ids": np.array([9, 3, 4])}, example)
    bundle = export_file(path, tmp_path / "gather", settings={"example": str(example)})
    assert bundle.reference()["ids"].tolist() == [9, 3, 4]
    with pytest.raises(UsageError, match="float32 with 2 axes, the model takes int64 with 1"):
        door.source(path, example={"ids": np.zeros((1, 2), np.float32)})
    with pytest.raises(UsageError, match="no array for input ids"):
        door.source(path, example={"id": np.zeros(2)})
    with pytest.raises(SourceError, match="safetensors"):
        export_file(path, tmp_path / "no", settings={"example": str(path)})
    with pytest.raises(UsageError, match="'rate'"):
        export_file(path, tmp_path / "no", settings={"rate": "8000"})


@pytest.mark.parametrize("content", [b"", b"hello, this is no protobuf", b"\x00" * 64])
def test_what_is_no_onnx_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "it.onnx"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"it\.onnx is no ONNX file"):
        door.source(path)
    assert cli.run(["export", str(path), "-o", str(tmp_path / "out")]) == 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.onnx cannot be read"):
        door.source(tmp_path / "gone.onnx")


def test_unknown_inputs_and_axes(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "it.onnx",
        [helper.make_node("Relu", ["x"], ["y"])],
        [tensor("x", ["S", 8])],
        ["y"],
    )
    with pytest.raises(UnknownInputError, match="'X'; the inputs are: x"):
        door.source(path, axes={"X": {0: "S"}})
    with pytest.raises(AxisError, match="no axis 2"):
        door.source(path, axes={"x": {2: "S"}})
    with pytest.raises(AxisError, match="twice"):
        door.source(path, axes={"x": {0: "S", -2: "T"}})


def test_silero_is_refused_by_its_if_nodes() -> None:
    path = Path(silero_vad.__file__).parent / "data" / "silero_vad.onnx"
    with pytest.raises(UnsupportedError, match=r"tract cannot import If \(node 'If_0'\)"):
        door.source(path)


def test_operators_and_types_tract_has_not_are_named(tmp_path: Path) -> None:
    x = [tensor("x", ["N"])]
    nonzero = [helper.make_node("NonZero", ["x"], ["y"], "where")]
    path = saved(tmp_path / "nonzero.onnx", nonzero, x, [])
    model = onnx.load(path)
    model.graph.output.append(tensor("y", None, INT64))  # type: ignore[arg-type]
    onnx.save(model, path)
    with pytest.raises(UnsupportedError, match=r"NonZero \(node 'where'\)"):
        door.source(path)
    foreign = [helper.make_node("Foo", ["x"], ["y"], "f", domain="x.y")]
    with pytest.raises(UnsupportedError, match="onnxruntime does not take the model"):
        door.source(saved(tmp_path / "foreign.onnx", foreign, x, ["y"]))
    relu = [helper.make_node("Relu", ["x"], ["y"])]
    for kind, word in ((TensorProto.STRING, "STRING"), (TensorProto.BFLOAT16, "BFLOAT16")):
        with pytest.raises(UnsupportedError, match=f"input x is of type {word}"):
            door.source(saved(tmp_path / "type.onnx", relu, [tensor("x", ["N"], kind)], ["y"]))
    shapeless = helper.make_tensor_value_info("x", FLOAT, None)
    with pytest.raises(UnsupportedError, match="how many axes"):
        door.source(saved(tmp_path / "rank.onnx", relu, [shapeless], ["y"]))


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
