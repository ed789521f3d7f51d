"""Archives made to end tract: each command reports one line, and the next command works."""

import hashlib
import json
import shutil
import time

import pytest

from conftest import command
from nnef_pulse.cli.app import run
from nnef_pulse.engine.model import Model
from nnef_pulse.errors import DeadlineError, EngineEndedError, EnginePanicError
from nnef_pulse.nnef import Archive

HEAD = "version 1.0;\nextension tract_registry tract_core;\nextension tract_symbol S;\n"
TENSOR = "a: tensor<scalar>) -> (b: tensor<scalar>"
SECONDS = 8


def graph(
    body, fragments="", external="tract_core_external(shape = [1, S, 8], datum_type = 'f32')"
):
    return f"{HEAD}{fragments}\ngraph network(x) -> (y)\n{{\n    x = {external};\n    {body}\n}}\n"


def doubling(levels):
    first = f"fragment f0({TENSOR})\n{{\n    b = relu(a);\n}}\n"
    rest = (
        f"fragment f{n}({TENSOR})\n{{\n    c = f{n - 1}(a);\n    b = f{n - 1}(c);\n}}\n"
        for n in range(1, levels)
    )
    return first + "".join(rest)


TEXTS = {
    "panic": (graph("y = copy(x);", external="external<string>(shape = [1])"), EnginePanicError),
    "panic-index": (graph("y = reshape(x, shape = [0, 0, 0, 0, 0, 9]);"), EnginePanicError),
    "overflow": (
        graph("y = f(x);", f"fragment f({TENSOR})\n{{\n    b = f(a);\n}}\n"),
        EngineEndedError,
    ),
    "nesting": (graph(f"y = {'(' * 100_000}x{')' * 100_000};"), EngineEndedError),
    "loop": (graph("y = f39(x);", doubling(40)), DeadlineError),
}


def archive(text):
    return Archive({"graph.nnef": text.encode()}).to_bytes()


@pytest.mark.parametrize("kind", TEXTS)
def test_loading_is_a_typed_error(kind, monkeypatch):
    # Only a loop ends by the deadline; a busy machine takes its time over a stack overflow.
    monkeypatch.setenv("NNEF_PULSE_DEADLINE", str(SECONDS if kind == "loop" else 60))
    text, error = TEXTS[kind]
    with pytest.raises(error):
        Model(archive(text))
    assert Model(archive(graph("y = relu(x);"))).outputs[0].name == "y"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "good.nnef.tgz"
    path.write_bytes(archive(graph("y = relu(x);")))
    return path


def replaced(bundle, out, file, data):
    """A copy of a bundle with one file replaced and its checksum repaired."""
    shutil.copytree(bundle, out)
    (out / file).write_bytes(data)
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["id"] = out.name
    for entry in manifest["files"]:
        if entry["path"] == file:
            entry |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (out / "manifest.json").write_text(json.dumps(manifest))
    return out


@pytest.fixture
def one_line(monkeypatch, capsys):
    """Runs a command in this process; it must fail with one line on stderr, in time."""

    def fail(*arguments):
        monkeypatch.setenv("NNEF_PULSE_DEADLINE", str(SECONDS))
        started = time.monotonic()
        code = run([*map(str, arguments)])
        assert time.monotonic() - started < SECONDS + 20
        assert code in (1, 2)
        assert len(capsys.readouterr().err.splitlines()) == 1

    return fail


@pytest.mark.parametrize("kind", ["panic", "overflow", "loop"])
@pytest.mark.parametrize("verb", ["dump", "diff", "pulse", "verify", "verify-pulsed"])
def test_a_command_ends_in_one_line(kind, verb, good, convolutions, tmp_path, one_line):
    bad = tmp_path / "bad.nnef.tgz"
    bad.write_bytes(archive(TEXTS[kind][0]))
    if verb.startswith("verify"):
        file = "model.nnef.tgz" if verb == "verify" else "pulse-S4.nnef.tgz"
        one_line("verify", replaced(convolutions, tmp_path / "bad", file, bad.read_bytes()))
    else:
        more = {"dump": [], "diff": [good], "pulse": ["S=4", "-o", tmp_path / "out.nnef.tgz"]}
        one_line(verb, bad, *more[verb])
    assert run(["dump", str(good)]) == 0


def test_a_size_beyond_memory_ends_in_one_line(good, one_line):
    one_line("dump", good, "--run-set", "S=100000000000")
    assert run(["dump", str(good), "--run-set", "S=3"]) == 0


def test_a_process_of_its_own_ends_in_one_line(tmp_path):
    bad = tmp_path / "bad.nnef.tgz"
    bad.write_bytes(archive(TEXTS["panic"][0]))
    done = command("dump", bad)
    assert done.returncode in (1, 2)
    assert len(done.stderr.splitlines()) == 1
