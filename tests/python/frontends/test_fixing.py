"""Fixed inputs and sizes become constants of the model; an `If` they decide is folded away."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import silero_vad
import torch
from onnx import TensorProto, helper
from torch import nn

from nnef_pulse.cli import options
from nnef_pulse.errors import AxisError, UnknownInputError, UnsupportedError, UsageError
from nnef_pulse.frontends import onnx as onnx_frontend
from nnef_pulse.frontends import pytorch
from source_checks import check_whole

SILERO = Path(silero_vad.__file__).parent / "data"


class Scaled(nn.Module):
    def forward(self, x, rate, gain):
        return torch.where(rate == 16000, x * gain, -x)


def scaled(**more):
    inputs = {"x": torch.randn(2, 8), "rate": torch.tensor(8000), "gain": torch.ones(2, 1)}
    return pytorch.source(Scaled(), inputs, axes={"x": {1: "T"}}, **more)


def test_a_fixed_input_is_none_any_more():
    source = scaled(fix={"rate": 16000, "gain": 3})
    assert list(source.example) == ["x"]
    check_whole(source)
    x = source.example["x"]
    np.testing.assert_array_equal(source.run({"x": x})["output"], 3 * x)


def test_a_fixed_size_is_that_of_the_example():
    source = scaled(fix={"x": {0: 5}, "gain": {-2: 5}})
    assert source.example["x"].shape == (5, 8)
    check_whole(source)


@pytest.mark.parametrize(
    ("fix", "error"),
    [
        ({"y": 1}, UnknownInputError),
        ({"x": {7: 1}}, AxisError),
        ({"x": {1: 4}}, AxisError),
        ({"x": 0}, UsageError),
        ({"gain": {0: 0}}, UsageError),
    ],
)
def test_what_cannot_be_fixed_is_refused(fix, error):
    with pytest.raises(error):
        scaled(fix=fix)


def branching(path):
    """`x + 1` at rate 8, else `x` squared where it has one row, else minus `x`."""

    def branch(name, *nodes):
        end = helper.make_tensor_value_info("end", TensorProto.FLOAT, None)
        return helper.make_graph(list(nodes), name, [], [end])

    one = helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])
    inner = helper.make_node(
        "If",
        ["is_row"],
        ["end"],
        then_branch=branch("row", helper.make_node("Mul", ["x", "x"], ["end"])),
        else_branch=branch("rows", helper.make_node("Neg", ["x"], ["end"])),
    )
    nodes = [
        helper.make_node("Constant", [], ["eight"], value_int=8),
        helper.make_node("Equal", ["rate", "eight"], ["is_eight"]),
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Constant", [], ["zero"], value_int=0),
        helper.make_node("Gather", ["shape", "zero"], ["rows"]),
        helper.make_node("Constant", [], ["single"], value_int=1),
        helper.make_node("Equal", ["rows", "single"], ["is_row"]),
        helper.make_node(
            "If",
            ["is_eight"],
            ["y"],
            then_branch=branch(
                "eight",
                helper.make_node("Constant", [], ["by"], value=one),
                helper.make_node("Add", ["x", "by"], ["end"]),
            ),
            else_branch=branch("other", inner),
        ),
    ]
    graph = helper.make_graph(
        nodes,
        "branching",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", "T"]),
            helper.make_tensor_value_info("rate", TensorProto.INT64, []),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


@pytest.mark.parametrize(
    ("fix", "expected"),
    [
        ({"rate": 8}, lambda x: x + 1),
        ({"rate": 9, "x": {0: 1}}, lambda x: x * x),
        ({"rate": 9, "x": {0: 3}}, lambda x: -x),
    ],
)
def test_the_branch_that_fixed_inputs_decide_is_kept(tmp_path, fix, expected):
    source = onnx_frontend.source(branching(tmp_path / "b.onnx"), fix=fix)
    check_whole(source)
    x = source.example["x"]
    np.testing.assert_array_equal(source.run({"x": x})["y"], expected(x))


def test_a_branch_on_an_open_size_is_refused_with_the_option():
    with pytest.raises(UnsupportedError, match="--fix"):
        onnx_frontend.source(SILERO / "silero_vad.onnx", fix={"sr": 16000})


@pytest.mark.parametrize(("rate", "samples"), [(16000, 576), (8000, 288)])
def test_the_official_silero_file_exports_at_a_fixed_rate(rate, samples):
    fix = {"sr": rate, "input": {0: 1, 1: samples}, "state": {1: 1}}
    source = onnx_frontend.source(SILERO / "silero_vad.onnx", fix=fix)
    assert list(source.example) == ["input", "state"]
    check_whole(source)


def test_options_say_what_is_fixed():
    given = ["sr=16000", "x:1=64", "x:-1=3", "gain=0.5", "on=true"]
    assert options.fixes(given) == {
        "sr": 16000,
        "x": {1: 64, -1: 3},
        "gain": 0.5,
        "on": True,
    }


@pytest.mark.parametrize("text", ["sr", "sr=", "=3", "x:1=2.5", "x:1=S"])
def test_options_spelt_otherwise_are_refused(text):
    with pytest.raises(UsageError):
        options.fixes([text])


@pytest.mark.parametrize("given", [["sr=1", "sr=2"], ["x:1=2", "x:1=2"], ["x=1", "x:1=2"]])
def test_nothing_is_fixed_twice(given):
    with pytest.raises((UsageError, AxisError)):
        options.fixes(given)
