"""The reader: every text it is given is parsed, or refused with a place."""

import contextlib
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from conftest import ROOT
from nnef_pulse import nnef
from nnef_pulse.nnef import statistics
from nnef_pulse.nnef.tensors import read_tensor

TEXT = """
version 1.0;
extension tract_registry tract_core;
extension tract_symbol S;
extension tract_assert S+P < 64;
extension tract_assert tg: S==1;
fragment tract_core_properties() -> (properties: (string, tensor<scalar>)[])
{ properties = [("pulse.delay", tract_core_cast([3], to = "i64")), ("name", "it's")]; }
fragment trunc<? = scalar>( x: tensor<?>, k: integer[] = [1, 2] ) -> ( y: tensor<scalar> )
{ y = select(x < 0.0, ceil(x), floor(x) * -1.5e-3) if k[0] > 1 else [for i in k yield x + i]; }
# a comment
graph network(input, i"other.input") -> (out, last)
{
    input = tract_core_external(shape = [B, S, 64], datum_type = 'f32');
    weight = variable<integer>(label = "a.b", shape = [64]);
    (hidden, last) = lstm(concat([input, weight], axis = 1), 0.0, scan_pace = -1);
    out = reshape(relu(hidden), shape = [n, (T + 1), -1], flag = true);
    n = shape_of(input)[1:2];
}
"""


def test_a_text_becomes_a_graph():
    graph = nnef.Graph.parse(TEXT)
    assert graph.inputs == ("input", "other.input")
    assert graph.outputs == ("out", "last")
    assert graph.symbols == ("S",)
    assert graph.asserts == ("S+P < 64",)
    assert graph.modes == {"tg": ("S==1",)}
    assert graph.properties == {"pulse.delay": [3], "name": "it's"}
    assert graph.facts == {"input": (("B", "S", 64), "f32"), "weight": ((64,), "i64")}
    by_output = {it.outputs: it for it in graph.operations}
    lstm = by_output["hidden", "last"]
    assert (lstm.op, lstm.inputs) == ("lstm", ("hidden#2",))
    assert lstm.attributes == {"1": 0.0, "scan_pace": -1}
    assert by_output["hidden#2",].inputs == ("input", "weight")
    reshape = by_output["out",]
    assert reshape.attributes == {"shape": ["n", "(T+1)", -1], "flag": True}
    assert isinstance(reshape.attributes["shape"][1], nnef.Symbolic)
    assert reshape.line == 17


def test_mutated_texts_are_parsed_or_refused_with_a_place():
    rng = random.Random(1)
    pieces = [*TEXT.split(), *"(){}[]<>=,;:'\"#+-*/!?.", "if", "else", "\\", "\0", "é", "1e", "-"]
    refused = 0
    for _ in range(10_000):
        at, length = rng.randrange(len(TEXT)), rng.choice([0, 0, 1, 3, 40])
        new = rng.choice(["", rng.choice(pieces), TEXT[at : at + 9] * 2])
        mutated = TEXT[:at] + new + TEXT[at + length :]
        try:
            nnef.Graph.parse(mutated)
        except nnef.NnefSyntaxError as error:
            refused += 1
            assert 1 <= error.line <= mutated.count("\n") + 1
            assert error.column >= 1
            assert error.expected
    assert 1_000 < refused < 9_999


@pytest.mark.parametrize(
    ("text", "line", "column", "expected"),
    [
        ("", 1, 1, "'version'"),
        ("version 1.0;\ngraph g(a) -> (b) { b = relu(a) }", 2, 33, "';'"),
        ("version 1.0;\ngraph g(a) -> (b) { b = ; }", 2, 25, "a name"),
        ("version x;", 1, 9, "a number"),
    ],
)
def test_an_error_says_where_and_what(text, line, column, expected):
    with pytest.raises(nnef.NnefSyntaxError) as caught:
        nnef.Graph.parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert expected in caught.value.expected


def test_deep_nesting_does_not_recurse_away():
    deep = "version 1.0; graph g(a) -> (b) { b = " + "[" * 5000 + "]" * 5000 + "; }"
    with pytest.raises(nnef.NnefSyntaxError, match="too deep"):
        nnef.Graph.parse(deep)


DTYPES = ["f2", "f4", "f8", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "?"]


@given(
    st.sampled_from(DTYPES).flatmap(
        lambda dtype: hnp.arrays(np.dtype(dtype), hnp.array_shapes(min_dims=0, max_dims=4))
    )
)
def test_tensors_read_back(array):
    tensor = read_tensor("it", dat(array))
    assert tensor.shape == array.shape
    assert tensor.dtype == array.dtype.name.replace("float", "f").replace("uint", "u").replace(
        "int", "i"
    )
    np.testing.assert_array_equal(np.array(tensor.values()), array.ravel().astype(array.dtype))


def dat(array):
    """A tensor file, written from the specification (NNEF 1.0.5, section 5)."""
    kind = {"f": 0, "u": 2, "i": 3, "b": 5}[array.dtype.kind]
    header = bytearray(128)
    header[:4] = b"N\xef\x01\x00"
    numbers = [array.nbytes, array.ndim, *array.shape, *[0] * (8 - array.ndim)]
    numbers.append(array.itemsize * 8)
    header[4:48] = np.array(numbers, "<u4").tobytes()
    header[48:50] = np.array([kind], "<u2").tobytes()
    return bytes(header) + array.astype(array.dtype.newbyteorder("<")).tobytes()


@given(st.binary(max_size=300), st.integers(0, 200))
def test_broken_tensors_are_refused(noise, at):
    data = bytearray(dat(np.arange(12, dtype=np.float32).reshape(3, 4)))
    data[at : at + len(noise)] = noise
    with contextlib.suppress(nnef.NnefError):
        read_tensor("it", bytes(data)).values()


def test_block_quantised_tensors_are_named():
    data = bytearray(dat(np.zeros((2, 32), np.uint8)))
    data[48:52] = np.array([0x3040, ord("T") << 8 | ord("R")], "<u2").tobytes()
    data[44:48] = b"\xff" * 4
    tensor = read_tensor("it", bytes(data))
    assert tensor.dtype == "q4_0"
    with pytest.raises(nnef.NnefFormatError, match="q4_0"):
        tensor.values()


def test_statistics_of_a_tensor():
    values = np.array([[1.0, -3.0, 0.0], [np.nan, 2.0, 0.0]], np.float32)
    found = statistics.of_tensor(read_tensor("it", dat(values)))
    finite = values[np.isfinite(values)].astype(float)
    assert (found.count, found.broken, found.zeros) == (6, 1, 2)
    assert (found.least, found.greatest) == (-3, 2)
    assert found.mean == pytest.approx(finite.mean())
    assert found.deviation == pytest.approx(finite.std())


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x1f\x8b" + b"\0" * 20])
def test_what_is_no_archive_is_refused(data):
    with pytest.raises(nnef.NnefFormatError):
        nnef.load(data)


def test_a_cut_archive_is_refused(silero):
    data = (silero / "model.nnef.tgz").read_bytes()
    for cut in (10, 1000, len(data) // 2, len(data) - 4):
        with pytest.raises(nnef.NnefError):
            nnef.load(data[:cut])


def test_importing_the_reader_pulls_in_nothing_heavy():
    asked = (
        "import sys, logging, nnef_pulse.nnef;"
        "print([m for m in ('numpy', 'torch', 'tract', 'typer') if m in sys.modules],"
        "logging.getLogger().handlers)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT / "exporter")},
        check=True,
    )
    assert done.stdout.strip() == "[] []"
