"""ONNX files: the same model as through PyTorch, free sizes as symbols, refusals by name."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import safetensors.numpy
import silero_vad
import torch
from onnx import TensorProto, helper

from frontends.onnx_models import FLOAT, INT64, saved, tensor
from nnef_pulse.bundle.model_file import export_file
from nnef_pulse.cli import app as cli
from nnef_pulse.engine.model import Model
from nnef_pulse.errors import (
    AssertBrokenError,
    AxisError,
    FrozenDimError,
    ModeError,
    SourceError,
    UnknownInputError,
    UnsupportedError,
    UsageError,
)
from nnef_pulse.frontends import onnx as door
from nnef_pulse.frontends import pytorch
from nnef_pulse.recipes.custom_deepspeech import CustomDeepSpeech


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
