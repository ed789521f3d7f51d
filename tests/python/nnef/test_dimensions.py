import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnef_pulse.errors import ExpressionError, SymbolError
from nnef_pulse.nnef.dimensions import Assertion, Expression, same_size

SIZES = {"B": 3, "S": 17, "P": 5}

leaves = st.sampled_from(["B", "S", "P"]) | st.integers(0, 99).map(str)


def composed(inner):
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(
            lambda it: f"({it[0]}){it[1]}({it[2]})"
        ),
        st.tuples(inner, st.integers(1, 9)).map(lambda it: f"({it[0]})/{it[1]}"),
        inner.map(lambda it: f"-({it})"),
        st.tuples(inner, inner).map(lambda it: f"max({it[0]},{it[1]})"),
        st.tuples(inner, inner).map(lambda it: f"min({it[0]}, {it[1]})"),
    )


class Truncating(int):
    """An integer whose division truncates towards zero, as tract's does."""

    def __truediv__(self, other):
        return Truncating(abs(self) // int(other) * (1 if self >= 0 else -1))

    def __add__(self, other):
        return Truncating(int(self) + int(other))

    def __sub__(self, other):
        return Truncating(int(self) - int(other))

    def __mul__(self, other):
        return Truncating(int(self) * int(other))

    def __neg__(self):
        return Truncating(-int(self))


@settings(deadline=None)
@given(st.recursive(leaves, composed, max_leaves=12))
def test_an_expression_has_the_value_python_gives_it(text):
    sizes = {name: Truncating(size) for name, size in SIZES.items()}
    numbers = re.sub(r"\b([0-9]+)", r"Truncating(\1)", text)
    want = eval(numbers, {"Truncating": Truncating}, {**sizes, "min": min, "max": max})
    assert Expression.parse(text).at(SIZES) == want


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-3+(S+3)/4", 2),
        ("2*S/3", 10),  # tract divides first
        ("S-P-B", 9),
        ("1#S", 17),
        ("broadcast((1), (S))", 17),
    ],
)
def test_it_reads_as_tract_does(text, value):
    assert Expression.parse(text).at(SIZES) == value


@settings(deadline=None)
@given(st.text(alphabet="SPB0129+-*/()#<>=, ", max_size=12))
def test_any_text_is_read_or_refused_with_a_column(text):
    try:
        Assertion.parse(text).holds(SIZES)
    except ExpressionError as error:
        assert "column" in str(error)


def test_a_symbol_without_value_is_named():
    with pytest.raises(SymbolError, match="Q"):
        Expression.parse("Q+1").at(SIZES)


@pytest.mark.parametrize(("text", "holds"), [("S+P < 64", True), ("S==16", False), ("P>=5", True)])
def test_an_assert_holds_or_not(text, holds):
    assert Assertion.parse(text).holds(SIZES) is holds


@pytest.mark.parametrize("text", ["(" * 9000 + "S", "-" * 9000 + "S", "9" * 9000])
def test_what_is_beyond_reading_is_refused(text):
    with pytest.raises(ExpressionError, match="column"):
        Expression.parse(text)


def test_a_long_sum_is_no_deep_one():
    assert Expression.parse("+".join(["S"] * 5000)).at(SIZES) == 5000 * SIZES["S"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("-3+(S+3)/4", "-3+(1+(S+1)/2)/2"),
        ("(-3+((S+3)/4))", "-3+(S+3)/4"),
        ("S+P", "P+S"),
        ("2*S-S", "S"),
        ("nothing[0]", "nothing[0]"),
    ],
)
def test_a_size_spelt_in_two_ways_is_one(one, other):
    assert same_size(one, other)
    assert same_size(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("S", "8"), ("S+P", "S+S"), ("(S+3)/4", "(S+2)/4"), ("S", "P"), ("nothing[0]", "nothing[1]")],
)
def test_two_sizes_are_two(one, other):
    assert not same_size(one, other)
    assert not same_size(other, one)


@settings(deadline=None)
@given(st.recursive(leaves, composed, max_leaves=8))
def test_a_size_is_itself_however_it_is_put(text):
    assert same_size(text, f"({text})+0")
    assert not same_size(text, f"({text})+1")
