"""The debug bundle: kept on failure or on request, and replayed by one command."""

import json
import subprocess
import sys

import pytest
from torch import nn

from conftest import ROOT
from models import Attention, Bidirectional, SameConvolutions, export
from nnef_pulse.errors import AttentionOverTimeError, BidirectionalError

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


def test_the_error_of_the_export_is_the_one_reported(tmp_path, caplog):
    # A file where the folder should be: the debug bundle cannot be written.
    (tmp_path / "file").write_text("")
    with pytest.raises(BidirectionalError):
        export(Bidirectional(nn.GRU), tmp_path / "out", debug_bundle=tmp_path / "file" / "debug")
    assert "debug bundle" in caplog.text


def test_an_interrupted_export_starts_no_replay(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("nnef_pulse.bundle.export.min_sizes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export(SameConvolutions(), tmp_path / "out", debug_bundle=tmp_path / "debug")
    assert not (tmp_path / "debug").exists()


def test_it_is_held_to_the_limits_of_the_export(tmp_path):
    folder = tmp_path / "debug"
    export(SameConvolutions(), tmp_path / "out", debug_bundle=folder, tolerance=1e-3)
    report = json.loads((folder / "report.json").read_text())
    assert report["tolerance"] == {"precision": "f32", "requested": 1e-3}
