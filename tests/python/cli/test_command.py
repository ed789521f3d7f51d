"""The command line: exit codes, one-line errors, JSON, and silence in a pipe."""

import json
import os
import subprocess
import sys

import pytest

from conftest import ROOT, command
from nnef_pulse import nnef
from nnef_pulse.cli import app as cli


def ran(capsys, *arguments):
    code = cli.run([str(it) for it in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["export", "silero-vad"],
        ["export", "no-such-recipe", "-o", "x"],
        ["export", "no.such:function", "-o", "x"],
        ["export", "no-such.onnx", "-o", "x"],
        ["export", "silero-vad", "-o", "x", "--with", "rate=44100"],
        ["export", "silero-vad", "-o", "x", "--with", "speed=1"],
        ["export", "silero-vad", "-o", "x", "--axis", "input:0"],
        ["export", "silero-vad", "-o", "x", "--axis", "input:0=T"],
        ["export", "silero-vad", "-o", "x", "--card", "no.toml"],
        ["export", "silero-vad", "-o", "x", "--pulse", "T=half"],
        ["verify", "no-such-folder"],
        ["dump", "no-such-file"],
        ["dump", "README.md"],
        ["diff", "a", "b"],
        ["pulse", "no.nnef.tgz", "S=8", "-o", "x"],
    ],
)
def test_misuse_is_one_line_and_exit_code_2(capsys, monkeypatch, tmp_path, arguments):
    monkeypatch.chdir(tmp_path)
    code, out, err = ran(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("nnef-pulse: ")
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_debug_adds_the_trace(capsys):
    code, _, err = ran(capsys, "verify", "no-such-folder", "--debug")
    assert code == 2
    assert "Traceback" in err
    assert err.splitlines()[-1].startswith("nnef-pulse: ")


def test_recipes_are_listed(capsys):
    code, out, _ = ran(capsys, "recipes", "--json")
    listed = json.loads(out)
    assert code == 0
    assert {"silero-vad", "custom-deepspeech", "digits-vit", "albert", "kv-cache-lm"} <= {
        it["name"] for it in listed
    }
    assert all(it["title"] and it["kind"] for it in listed)


def test_verify_answers_in_json(capsys, convolutions):
    code, out, err = ran(capsys, "verify", convolutions, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["holds"] is True


def test_pulse_then_diff(capsys, convolutions, tmp_path):
    out = tmp_path / "pulsed.nnef.tgz"
    assert ran(capsys, "pulse", convolutions / "model.nnef.tgz", "S=4", "-o", out)[0] == 0
    assert out.read_bytes() == (convolutions / "pulse-S4.nnef.tgz").read_bytes()
    code, text, _ = ran(capsys, "diff", convolutions, out, "--json")
    found = json.loads(text)
    assert code == 1
    assert [it["after"] for it in found["extensions"]] == ["tract_registry tract_pulse"]
    assert {it["name"] for it in found["properties"]} == {
        "pulse.delay",
        "pulse.input_axes",
        "pulse.output_axes",
        "pulse.streaming_symbol",
    }
    facts = {it["name"]: (it["before"], it["after"]) for it in found["facts"]}
    assert facts["x"] == ("B,S,8,f32", "B,4,8,f32")
    assert facts["output"] == ("B,8,S,f32", "B,8,4,f32")
    added = [it["after"]["op"] for it in found["operations"] if it["before"] is None]
    assert added == ["tract_pulse_delay", "tract_pulse_pulse_pad"] * 2


def test_a_model_does_not_differ_from_itself(capsys, convolutions):
    assert ran(capsys, "diff", convolutions, convolutions)[:2] == (0, "no difference\n")


def test_a_profile_needs_every_symbol(capsys, convolutions):
    code, _, err = ran(capsys, "dump", convolutions, "--profile", "--set", "B=2")
    assert code == 2
    assert "S has no value" in err
    for how in (["--set", "B=2", "--set", "S=40"], ["--set", "B=2", "--run-set", "S=40"]):
        code, out, _ = ran(capsys, "dump", convolutions, "--profile", "--json", *how)
        run = json.loads(out)["run"]
        assert code == 0
        assert run["outputs"] == {"output": [2, 8, 40]}
        assert any("Conv" in it["op"] or "MatMul" in it["op"] for it in run["profile"])


def test_sizes_that_break_an_assert_are_refused(capsys, convolutions):
    code, _, err = ran(capsys, "dump", convolutions, "--run-set", "B=0", "--run-set", "S=9")
    assert code == 1
    assert "B >= 1" in err


def test_a_function_is_found_in_the_working_directory(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import torch\n"
        "def model():\n"
        "    it = torch.nn.Conv1d(2, 3, 3)\n"
        "    return it, {'input': torch.randn(1, 2, 20)}, {'axes': {'input': {2: 'S'}}}\n"
        "def nothing():\n"
        "    return None\n"
    )
    card = tmp_path / "card.toml"
    card.write_text('title = "Mine"\n[licence]\nname = "MIT"\n')
    done = command(
        *["export", "mine:model", "-o", "out", "--pulse", "S=4", "--card", card, "--json"],
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    manifest = json.loads(done.stdout)
    assert (manifest["id"], manifest["title"]) == ("out", "Mine")
    assert manifest["pulses"][0]["delay"] == 2
    assert nnef.load(tmp_path / "out" / "model.nnef.tgz").graph.symbols == ("S",)
    done = command("export", "mine:nothing", "-o", "other", cwd=tmp_path)
    assert done.returncode == 2
    assert "NoneType" in done.stderr


def test_a_base_install_says_how_to_get_the_rest():
    hidden = (
        "import importlib.util as u, sys, runpy\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda n, p=None: None if n == 'tract' else find(n, p)\n"
        "sys.argv = ['nnef-pulse', 'recipes']\n"
        "runpy.run_module('nnef_pulse', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", hidden],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "exporter")},
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "pip install 'nnef-pulse[cli]'" in done.stderr
