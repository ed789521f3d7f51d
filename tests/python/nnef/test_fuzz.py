"""Whatever bytes are given for a graph, a tensor, an archive, a manifest or a dimension: they are
read, or refused by an error of ours.

NNEF_PULSE_FUZZ=1000000 for the long run; NNEF_PULSE_FUZZ_FROM to begin at another seed.
"""

import gzip
import json
import os
import random
import time
from math import prod

import pytest
from test_reader import FILES, TEXT, VALUES, archive, dat, mutated

from nnef_pulse import nnef
from nnef_pulse.bundle.files import Bundle
from nnef_pulse.cli import text as printed
from nnef_pulse.errors import BundleError, UsageError
from nnef_pulse.nnef import difference, statistics
from nnef_pulse.nnef.dimensions import Assertion, Expression
from nnef_pulse.nnef.tensors import read_tensor

COUNT = int(os.environ.get("NNEF_PULSE_FUZZ", "1000"))
FROM = int(os.environ.get("NNEF_PULSE_FUZZ_FROM", "0"))
# Far beyond what any of these takes: a case that needs more hangs.
LONGEST_CPU_SECONDS = 20

GOOD = nnef.load(archive(FILES))


def read(graph):
    """All that is computed from a graph when it is asked for."""
    return graph.symbols, graph.asserts, graph.modes, graph.facts, graph.producers


def text(rng, _folder):
    given = TEXT
    for _ in range(rng.randint(1, 4)):
        given = mutated(rng, given)
    graph = nnef.Graph.parse(given)
    read(graph)
    other = nnef.Archive({**FILES, "graph.nnef": given.encode("utf-8", "surrogatepass")})
    found = difference(GOOD, other)
    assert list(printed.difference(found)) or not found
    statistics.operators(graph)


def tensor(rng, _folder):
    _, kinds, bits, _ = rng.choice(list(VALUES.values()))
    shape = [rng.randrange(4) for _ in range(rng.randrange(4))]
    body = rng.randbytes(rng.choice([prod(shape) * bits // 8, rng.randrange(64)]))
    data = bytearray(dat(shape, bits, rng.choice(kinds), body, rng.choice([0, 0, 0x5452])))
    for _ in range(rng.randrange(4)):
        data[rng.randrange(min(len(data), 56))] = rng.choice([0, 1, 255, rng.randrange(256)])
    kept = len(data) if rng.random() < 0.8 else rng.randrange(len(data))
    it = read_tensor("it", bytes(data[:kept]))
    it.values()
    statistics.of_tensor(it)


def whole(rng, _folder):
    files = {**FILES, "text.dat": dat((2,), 0, 0x1000, rng.randbytes(12), 0x5452)}
    packed = archive(files)
    # A flipped bit in what is gzipped is always noticed; in a plain tar it may be anything.
    data = bytearray(packed if rng.random() < 0.2 else gzip.decompress(packed))
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(data))
        if rng.random() < 0.7:
            data[at] ^= 1 << rng.randrange(8)
        else:
            data[at : at + rng.choice([1, 4, 512])] = rng.randbytes(rng.choice([0, 1, 4, 512]))
    it = nnef.load(bytes(data))
    read(it.graph)
    statistics.of_archive(it)
    for label in it.tensors:
        it.tensors[label].values()


def manifest(rng, folder):
    given = json.loads(MANIFEST)
    for _ in range(rng.randint(1, 3)):
        given = damaged(rng, given)
    data = json.dumps(given).encode()
    if rng.random() < 0.3:
        data = bytearray(data)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    (folder / "manifest.json").write_bytes(data)
    try:
        Bundle.read(folder)
    except BundleError as error:
        assert len(str(error)) < 1000
        raise


def damaged(rng, value):
    """The same with one of its parts lost, doubled or of another kind."""
    odd = [None, True, -1, 1e400, 10**30, "", "\ud800", "é" * 300, [], {}, [[[[]]]], {"": {}}]
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        rest = {name: it for name, it in value.items() if name != key}
        kept = rng.choice([key, key, key, rng.choice(["", "../x", "__proto__", key * 40])])
        return rest if rng.random() < 0.1 else {**rest, kept: damaged(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.8:
        at = rng.randrange(len(value))
        part = rng.choice([[], [value[at]] * 2, [damaged(rng, value[at])]])
        return [*value[:at], *part, *value[at + 1 :]]
    if isinstance(value, str) and value and rng.random() < 0.5:
        return mutated(rng, value)
    return rng.choice(odd)


def dimension(rng, _folder):
    pieces = ["S", "P", "min", "max", "broadcast", *"0123456789()+-*/#,<>=. _"]
    given = "".join(rng.choice(pieces) for _ in range(rng.randrange(1, 24)))
    sizes = {"S": rng.randrange(99), "P": rng.randrange(9)}
    if rng.random() < 0.5:
        Assertion.parse(given).holds(sizes)
    else:
        Expression.parse(given).at(sizes)


KINDS = [text, tensor, whole, manifest, dimension]
MANIFEST = json.dumps(
    {
        "schema": 1,
        "id": "small",
        "title": "Small",
        "source": {"model": "a model", "weights": "random"},
        "licence": {"name": "MIT"},
        "quality": {"untrained": True},
        "engine": {"made": "0.23.9", "oldest": "0.23.9"},
        "symbols": ["S"],
        "asserts": ["S >= 1"],
        "modes": {"tg": ["S==1"]},
        "inputs": [{"name": "x", "fact": "1,S,f32"}],
        "outputs": [{"name": "y", "fact": "1,S,f32"}],
        "pulses": [
            {
                "file": "pulse-S4.nnef.tgz",
                "symbol": "S",
                "pulse": 4,
                "delay": 2,
                "inputAxes": [1],
                "outputAxes": [1],
                "warmUp": 0,
            }
        ],
        "verified": [
            {
                "claim": "whole",
                "file": "model.nnef.tgz",
                "against": "PyTorch",
                "sizes": [{"S": 8}],
                "tolerance": 1e-4,
                "largestError": 1e-7,
                "comparedLength": 8,
                "again": True,
            }
        ],
        "files": [
            {"path": name, "size": 9, "sha256": "0" * 64}
            for name in ("model.nnef.tgz", "reference.safetensors")
        ],
    }
)


def test_what_is_mutated_is_good_before(tmp_path):
    (tmp_path / "manifest.json").write_text(MANIFEST)
    assert Bundle.read(tmp_path).manifest["id"] == "small"
    assert read(GOOD.graph)


@pytest.mark.parametrize("kind", KINDS, ids=lambda it: it.__name__)
def test_it_is_read_or_refused(kind, tmp_path):
    refused = 0
    for seed in range(FROM + KINDS.index(kind), FROM + COUNT, len(KINDS)):
        rng = random.Random(seed)
        before = time.process_time()
        try:
            kind(rng, tmp_path)
        except UsageError:
            refused += 1
        except BaseException as error:
            pytest.fail(f"seed {seed}: {type(error).__name__}: {error}")
        assert time.process_time() - before < LONGEST_CPU_SECONDS, f"seed {seed} hangs"
    cases = COUNT // len(KINDS)
    assert cases / 20 < refused < cases
