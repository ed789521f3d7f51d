"""The debug bundle: kept on failure or on request, and replayed by one command."""

import json
import subprocess
import sys

import pytest

from conftest import ROOT
from models import Attention, SameConvolutions, export
from nnef_pulse.errors import AttentionOverTimeError

FILES = {"model.nnef.tgz", "inputs.safetensors", "outputs.safetensors"} | {
    "report.json",
    "findings.json",
}


def replayed(folder):
    done = subprocess.run(
        [sys.executable, "-m", "nnef_pulse.bundle.debug", "."],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT / "exporter")},
        check=True,
    )
    return json.loads(done.stdout)


def test_a_failure_is_kept_with_the_first_operation_that_differs(tmp_path):
    folder = tmp_path / "debug"
    with pytest.raises(AttentionOverTimeError):
        export(Attention(), tmp_path / "out", debug_bundle=folder)
    assert {it.name for it in folder.iterdir()} == FILES
    report = json.loads((folder / "report.json").read_text())
    assert report["problem"]["code"] == "pulse-attention"
    assert report["versions"]["tract"]
    found = json.loads((folder / "findings.json").read_text())
    assert found["whole"]["largestError"] < 1e-5
    assert found["S=4"]["first"]["output"] == "matmul0"
    assert replayed(folder) == found


def test_it_is_kept_on_request_too(tmp_path):
    folder = tmp_path / "debug"
    export(SameConvolutions(), tmp_path / "out", debug_bundle=folder)
    found = json.loads((folder / "findings.json").read_text())
    assert json.loads((folder / "report.json").read_text())["problem"] is None
    assert found["S=4"]["largestError"] < 1e-5
