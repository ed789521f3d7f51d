"""Dimensions have the values that native tract gives them: the corpus every reader runs."""

import json

import pytest

from conftest import ROOT
from nnef_pulse.errors import ExpressionError
from nnef_pulse.nnef.dimensions import Expression

CORPUS = json.loads((ROOT / "tests/conformance/dimensions.json").read_text())


def test_values_are_those_of_tract():
    assert len(CORPUS["cases"]) >= 300
    for case in CORPUS["cases"]:
        expression = Expression.parse(case["text"])
        for sizes, value in zip(CORPUS["sizes"], case["values"], strict=True):
            # Without a value where the text names a symbol that has none.
            found = expression.at(sizes) if expression.symbols <= sizes.keys() else None
            assert found == value, f"{case['text']} at {sizes}"


@pytest.mark.parametrize("text", CORPUS["refused"])
def test_what_tract_refuses_is_refused(text):
    with pytest.raises(ExpressionError):
        Expression.parse(text)
