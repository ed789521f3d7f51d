"""What cannot be streamed is refused: its own type, its cause by name, and nothing written."""

import pytest
from torch import nn

from models import (
    Attention,
    Bidirectional,
    Frozen,
    GeluConvolutions,
    Mean,
    PaddedBack,
    SameConvolutions,
    Strided,
    export,
)
from nnef_pulse import errors


@pytest.mark.parametrize(
    ("model", "more", "error", "said"),
    [
        (lambda: Bidirectional(nn.RNN), {}, errors.BidirectionalError, "RNN"),
        (lambda: Bidirectional(nn.LSTM), {}, errors.BidirectionalError, "LSTM"),
        (lambda: Bidirectional(nn.GRU), {}, errors.BidirectionalError, "GRU"),
        (Mean, {}, errors.GlobalReductionError, r"mean \(models\.py:\d+\)"),
        (Attention, {}, errors.AttentionOverTimeError, r"bmm \(models\.py:\d+\)"),
        (Strided, {"pulses": {"S": 6}}, errors.StrideError, "4, 8, 12, 16"),
        (Frozen, {}, errors.FrozenDimError, "S"),
        (Mean, {"asserts": ["S > 40"]}, errors.AssertBrokenError, "S > 40"),
        (Mean, {"asserts": ["S > 50"]}, errors.AssertBrokenError, "S=40"),
        (Mean, {"modes": {"short": ["S < 0"]}}, errors.ModeError, "short"),
        (Mean, {"modes": {"short": "S < 9"}}, errors.ModeError, "no mode"),
    ],
)
def test_the_model_is_refused(tmp_path, model, more, error, said):
    with pytest.raises(error, match=said) as caught:
        export(model(), tmp_path / "out", **more)
    assert type(caught.value) is error
    assert caught.value.exit_code == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ({"axes": {"y": {1: "S"}}}, errors.UnknownInputError, "the inputs are: x"),
        ({"axes": {"x": {3: "S"}}}, errors.AxisError, "-3 to 2"),
        ({"axes": {"x": {-4: "S"}}}, errors.AxisError, "-4"),
        ({"axes": {"x": {1: "S", -2: "T"}}}, errors.AxisError, "twice"),
        ({"axes": {"x": {0: "S", 1: "S"}}}, errors.AxisError, "stands for 1 and"),
        ({"axes": {"x": {1: "2S"}}}, errors.SymbolError, "2S"),
        ({"pulses": {"S": 4, "B": 1}}, errors.AxisError, "S and B"),
        ({"pulses": {"T": 4}}, errors.SymbolError, "known: B, S"),
        ({"pulses": {"S": 0}}, errors.UsageError, "S=0"),
        ({"asserts": ["S >"]}, errors.ExpressionError, "column 4"),
        ({"asserts": ["Q > 1"]}, errors.SymbolError, "Q"),
        ({"card": {"colour": "red"}}, errors.CardError, "colour"),
    ],
)
def test_nonsense_is_refused(tmp_path, more, error, said):
    with pytest.raises(error, match=said) as caught:
        export(SameConvolutions(), tmp_path / "out", **more)
    assert caught.value.exit_code == 2
    assert not list(tmp_path.iterdir())


def test_a_negative_axis_means_what_it_means_in_python(tmp_path):
    bundle = export(SameConvolutions(), tmp_path / "out", axes={"x": {-3: "B", -2: "S"}})
    assert bundle.manifest["inputs"] == [{"name": "x", "fact": "B,S,8,f32"}]


def test_exact_gelu_gets_its_pulsed_file(tmp_path):
    bundle = export(GeluConvolutions(), tmp_path / "out", pulses={"S": [4, 12]})
    assert [(it["pulse"], it["delay"]) for it in bundle.manifest["pulses"]] == [(4, 4), (12, 4)]
    assert bundle.manifest["asserts"] == ["B >= 1", "S >= 5"]


def test_the_least_size_leaves_every_size_inside_positive(tmp_path):
    bundle = export(PaddedBack(), tmp_path / "out")
    assert bundle.manifest["outputs"][0]["fact"] == "B,8,S,f32"
    assert bundle.manifest["asserts"] == ["B >= 1", "S >= 5"]
    assert {"B": 1, "S": 5} in bundle.manifest["verified"][1]["sizes"]


def test_the_end_of_a_padded_signal_is_reported_apart(tmp_path):
    bundle = export(SameConvolutions(), tmp_path / "out")
    proof = next(it for it in bundle.manifest["verified"] if it["claim"] == "pulsed")
    assert proof["tail"]["frames"] == 4
    assert proof["tail"]["largestError"] > proof["tolerance"] > proof["largestError"]


def test_what_is_there_and_is_no_bundle_stays(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(errors.BundleError, match="is no bundle"):
        export(SameConvolutions(), tmp_path)
    assert [it.name for it in tmp_path.iterdir()] == ["mine.txt"]
