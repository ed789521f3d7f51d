"""The reader: every text it is given is parsed, or refused with a place.

The standard library and the reader alone: the same file runs in Pyodide (tests/web), where there
is neither pytest nor numpy.
"""

import contextlib
import gzip
import io
import math
import random
import struct
import sys
import tarfile
from pathlib import Path

from nnef_pulse import nnef
from nnef_pulse.nnef import statistics
from nnef_pulse.nnef.tensors import read_tensor

BUNDLES = Path(__file__).parents[3] / "dist" / "bundles"
# Python in a page is several times slower.
MUTATIONS = 500 if sys.platform == "emscripten" else 10_000

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


@contextlib.contextmanager
def refused(kind=nnef.NnefError, said=""):
    """What is inside must raise `kind`, saying `said`."""
    try:
        yield
    except kind as error:
        assert said in str(error)
        return
    raise AssertionError(f"no {kind.__name__}")


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


def mutated(rng, text):
    """The text with a piece cut out and another put in its place."""
    pieces = [*text.split(), *"(){}[]<>=,;:'\"#+-*/!?.", "if", "else", "\\", "\0", "é", "1e", "-"]
    at, length = rng.randrange(len(text)), rng.choice([0, 0, 1, 3, 40])
    new = rng.choice(["", rng.choice(pieces), text[at : at + 9] * 2])
    return text[:at] + new + text[at + length :]


def test_mutated_texts_are_parsed_or_refused_with_a_place():
    rng = random.Random(1)
    count = 0
    for _ in range(MUTATIONS):
        text = mutated(rng, TEXT)
        try:
            nnef.Graph.parse(text)
        except nnef.NnefSyntaxError as error:
            count += 1
            assert 1 <= error.line <= text.count("\n") + 1
            assert error.column >= 1
            assert error.expected
    assert MUTATIONS / 10 < count < MUTATIONS


def test_an_error_says_where_and_what():
    for text, line, column, expected in [
        ("", 1, 1, "'version'"),
        ("version 1.0;\ngraph g(a) -> (b) { b = relu(a) }", 2, 33, "';'"),
        ("version 1.0;\ngraph g(a) -> (b) { b = ; }", 2, 25, "a name"),
        ("version x;", 1, 9, "a number"),
    ]:
        try:
            nnef.Graph.parse(text)
        except nnef.NnefSyntaxError as error:
            assert (error.line, error.column) == (line, column)
            assert expected in error.expected
        else:
            raise AssertionError(text)


def test_deep_nesting_does_not_recurse_away():
    deep = "version 1.0; graph g(a) -> (b) { b = " + "[" * 5000 + "]" * 5000 + "; }"
    with refused(nnef.NnefSyntaxError, "too deep"):
        nnef.Graph.parse(deep)


# dtype: struct's letter, types (the specification's plain one and its quantised twin, which tract
# writes for integers), bits, values
VALUES = {
    "f16": ("e", (0,), 16, [0.0, -1.5, 65504.0, 6e-8]),
    "f32": ("f", (0,), 32, [0.0, -1.5, 3e38, math.inf]),
    "f64": ("d", (0,), 64, [0.0, -1.5, 1e300, -math.inf]),
    "u8": ("B", (1, 2), 8, [0, 1, 127, 255]),
    "u16": ("H", (1, 2), 16, [0, 1, 256, 65535]),
    "u32": ("I", (1, 2), 32, [0, 1, 65536, 2**32 - 1]),
    "u64": ("Q", (1, 2), 64, [0, 1, 2**32, 2**64 - 1]),
    "i8": ("b", (3, 4), 8, [0, -1, 127, -128]),
    "i16": ("h", (3, 4), 16, [0, -1, 256, -(2**15)]),
    "i32": ("i", (3, 4), 32, [0, -1, 65536, -(2**31)]),
    "i64": ("q", (3, 4), 64, [0, -1, 2**32, -(2**63)]),
    "bool": ("?", (5,), 8, [True, False, True, True]),
}


def dat(shape, bits, kind, body, vendor=0):
    """A tensor file, written from the specification (NNEF 1.0.5, section 5)."""
    dims = [*shape, *[0] * (8 - len(shape))]
    numbers = struct.pack("<11I2H", len(body), len(shape), *dims, bits, kind, vendor)
    return (b"N\xef\x01\x00" + numbers).ljust(128, b"\0") + body


def test_tensors_of_every_dtype_read_back():
    for dtype, (letter, kinds, bits, values) in VALUES.items():
        body = struct.pack(f"<4{letter}", *values)
        for kind in kinds:
            tensor = read_tensor("it", dat((2, 1, 2), bits, kind, body))
            assert (tensor.shape, tensor.dtype, tensor.count) == ((2, 1, 2), dtype, 4)
            assert list(tensor.values()) == list(struct.unpack(f"<4{letter}", body))
    packed = read_tensor("it", dat((10,), 1, 5, b"\xa0\x40"))
    assert list(packed.values()) == [bit == "1" for bit in "1010000001"]


def test_broken_tensors_are_refused():
    rng = random.Random(2)
    good = dat((3, 4), 32, 0, bytes(48))
    count = 0
    for _ in range(MUTATIONS):
        data = bytearray(good[: rng.choice([len(good), rng.randrange(len(good))])])
        for _ in range(rng.randrange(4)):
            if data:
                data[rng.randrange(min(len(data), 128))] = rng.randrange(256)
        try:
            read_tensor("it", bytes(data)).values()
        except nnef.NnefError:
            count += 1
    assert MUTATIONS / 10 < count < MUTATIONS


def test_block_quantised_tensors_are_named():
    tensor = read_tensor("it", dat((2, 32), 2**32 - 1, 0x3040, bytes(64), ord("T") << 8 | ord("R")))
    assert tensor.dtype == "q4_0"
    with refused(nnef.NnefFormatError, "q4_0"):
        tensor.values()


def test_statistics_of_a_tensor():
    values = [1.0, -3.0, 0.0, math.nan, 2.0, 0.0]
    tensor = read_tensor("it", dat((2, 3), 32, 0, struct.pack("<6f", *values)))
    found = statistics.of_tensor(tensor)
    assert (found.count, found.broken, found.zeros) == (6, 1, 2)
    assert (found.least, found.greatest) == (-3, 2)
    assert found.mean == 0
    assert math.isclose(found.deviation, math.sqrt(14 / 5))
    largest = read_tensor("it", dat((2,), 64, 0, struct.pack("<2d", 1.7e308, -1.7e308)))
    assert statistics.of_tensor(largest).deviation == 1.7e308


def archive(files):
    """A `.nnef.tgz` of file name to bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return packed.getvalue()


FILES = {"graph.nnef": TEXT.encode(), "a.b.dat": dat((64,), 32, 0, bytes(256))}


def test_archives_are_read_whole():
    for data in (archive(FILES), gzip.decompress(archive(FILES))):
        read = nnef.load(data)
        assert read.graph == nnef.Graph.parse(TEXT)
        assert list(read.tensors) == ["a.b"]
        assert read.tensors["a.b"].shape == (64,)


def test_what_is_no_archive_is_refused():
    data = archive(FILES)
    cuts = [data[:cut] for cut in (10, 100, len(data) // 2, len(data) - 4)]
    other = archive({"readme": b""})
    for given in (b"", b"PK\x03\x04", b"\x1f\x8b" + b"\0" * 20, other, *cuts):
        with refused(nnef.NnefFormatError):
            nnef.load(given)
    with refused(nnef.NnefFormatError, "UTF-8"):
        _ = nnef.load(archive({"graph.nnef": b"\xff"})).graph


def test_every_model_made_here_is_read():
    for path in sorted(BUNDLES.glob("*/*.nnef.tgz")):
        read = nnef.load(path)
        graph = read.graph
        made = {name for it in graph.operations for name in it.outputs}
        assert {*graph.inputs, *graph.outputs} <= made
        assert all(name in made for it in graph.operations for name in it.inputs)
        assert statistics.of_archive(read).parameters > 0
