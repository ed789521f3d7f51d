"""What the streaming walkthrough shows of Python and of the exporter is what they do."""

import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "demos" / "streaming"
BIDIRECTIONAL = DEMO / "bidirectional"
BUNDLE = ROOT / "dist" / "bundles" / "custom-deepspeech"


def test_the_exporter_refuses_a_bidirectional_layer_as_quoted(tmp_path):
    axes = ["--axis", "melbank:0=B", "--axis", "melbank:1=S", "--pulse", "S=8"]
    command = [sys.executable, "-m", "nnef_pulse", "export", "bidirectional:model", *axes]
    made = subprocess.run(
        [*command, "-o", str(tmp_path / "refused")],
        cwd=BIDIRECTIONAL,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 1
    assert (
        made.stderr.strip().splitlines()[-1] == (BIDIRECTIONAL / "refusal.txt").read_text().strip()
    )
    assert not (tmp_path / "refused").exists()


@pytest.mark.skipif(not BUNDLE.exists(), reason="the bundle is made by npm test")
def test_the_cell_runs_on_a_desk(capsys):
    runpy.run_path(str(DEMO / "stream.py"), {"bundle": SimpleNamespace(path=BUNDLE)})
    compared = capsys.readouterr().out.splitlines()[-1]
    assert "frames compared with PyTorch" in compared
    assert float(compared.rsplit(" ", 1)[1]) < 1e-4
