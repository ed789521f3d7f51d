"""What the live VAD walkthrough takes from Python: its cell, and when its sample is spoken in."""

import itertools
import json
import runpy
import wave
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "demos" / "vad"
SAMPLE = ROOT / "web" / "site" / "sample"
BUNDLE = ROOT / "dist" / "bundles" / "silero-vad"


@pytest.mark.skipif(not BUNDLE.exists(), reason="the bundle is made by npm test")
def test_the_cell_runs_on_a_desk(capsys):
    runpy.run_path(str(DEMO / "listen.py"), {"bundle": SimpleNamespace(path=BUNDLE)})
    *found, compared = capsys.readouterr().out.splitlines()
    assert found
    assert all(line.startswith("speech from ") for line in found)
    assert "compared with PyTorch" in compared
    assert float(compared.rsplit(" ", 1)[1]) < 1e-4


def test_the_sample_is_what_its_recipe_makes_and_is_spoken_in_where_it_says():
    make = runpy.run_path(str(SAMPLE / "make.py"), run_name="make_sample")
    samples, spoken = make["compose"]()
    assert spoken == json.loads((SAMPLE / "spoken.json").read_text())
    with wave.open(str(SAMPLE / "sample.wav")) as file:
        kept = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    # Sines and transforms may end on the other side of a rounding elsewhere.
    assert np.abs(samples.astype(int) - kept).max() <= 1
    voices = [part for part in spoken if part["text"]]
    assert len(voices) == 3
    for before, after in itertools.pairwise(voices):
        assert before["end"] < after["start"]
    # Between the first two is nothing but hiss.
    gap = kept[voices[0]["end"] + 800 : voices[1]["start"] - 800]
    assert np.abs(gap).max() < 0.01 * np.abs(kept).max()
