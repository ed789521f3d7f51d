"""`nnef-pulse run` and `segments` on files, against the silero-vad package."""

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import torch
from scipy.io import wavfile
from silero_vad import get_speech_timestamps, load_silero_vad
from torch import nn

from models import export
from nnef_pulse.cli.app import run
from nnef_pulse.errors import UsageError
from nnef_pulse.run import segments

SAMPLE = Path(__file__).parents[3] / "web/site/sample/sample.wav"


@pytest.fixture(scope="module")
def expected():
    _, pcm = wavfile.read(SAMPLE)
    samples = torch.from_numpy(pcm.astype(np.float32) / 32768)
    found = get_speech_timestamps(samples, load_silero_vad(onnx=True), sampling_rate=16000)
    return [(each["start"], each["end"]) for each in found]


def test_segments_equal_the_silero_package(silero, expected, capsys):
    assert run(["run", str(silero), str(SAMPLE), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert [(each["start"], each["end"]) for each in found["segments"]] == expected
    assert run(["run", str(silero), str(SAMPLE), "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [float(row["start"]) for row in rows] == [round(s / 16000, 3) for s, _ in expected]


@pytest.mark.parametrize("kind", ["uint8", "int32", "float32", "stereo", "44100"])
def test_other_formats_and_rates_find_the_same(silero, expected, tmp_path, kind):
    from scipy.signal import resample_poly

    _, pcm = wavfile.read(SAMPLE)
    sound, rate = pcm.astype(np.float64) / 32768, 16000
    if kind == "44100":
        sound, rate = resample_poly(sound, 441, 160), 44100
    forms = {
        "uint8": lambda: np.round(sound * 127 + 128).astype(np.uint8),
        "int32": lambda: (sound * (2**31 - 1)).astype(np.int32),
        "stereo": lambda: np.stack([sound, sound], 1).astype(np.float32),
    }
    file = tmp_path / "sound.wav"
    wavfile.write(file, rate, forms.get(kind, lambda: sound.astype(np.float32))())
    from nnef_pulse.run.sound import read_wav

    found = segments(*read_wav(file), bundle=silero).segments
    assert len(found) == len(expected)
    assert np.abs(np.subtract(found, expected)).max() <= (2048 if kind == "uint8" else 512)


def test_rubbish_is_refused(silero, tmp_path, capsys):
    for name, content in [("a.wav", b""), ("b.wav", b"RIFF????WAVE"), ("c.wav", b"no sound")]:
        (tmp_path / name).write_bytes(content)
        assert run(["run", str(silero), str(tmp_path / name)]) == 2
        assert name in capsys.readouterr().err
    assert run(["run", str(silero), str(tmp_path / "none.wav")]) == 2
    assert run(["run", str(tmp_path), str(SAMPLE)]) == 2
    assert run(["run", str(silero), str(SAMPLE), "--json", "--csv"]) == 2
    with pytest.raises(UsageError, match="mono"):
        segments(np.zeros((2, 100), np.float32), 16000, bundle=silero)
    empty = segments(np.zeros(0, np.float32), 16000, bundle=silero)
    assert empty.segments == []
    assert len(empty.probabilities) == 0


def test_tensors_run_and_are_written(tmp_path, capsys):
    class Halved(nn.Module):
        def forward(self, x):
            return x / 2

    bundle = export(Halved(), tmp_path / "halved")
    x = np.random.default_rng(0).standard_normal((2, 23, 8)).astype(np.float32)
    safetensors.numpy.save_file({"x": x}, tmp_path / "in.safetensors")
    np.savez(tmp_path / "other.npz", x=x)
    files = [str(tmp_path / "in.safetensors"), str(tmp_path / "other.npz")]
    assert run(["run", str(bundle.path), *files, "-o", str(tmp_path / "out")]) == 0
    for name in ("in", "other"):
        (output,) = safetensors.numpy.load_file(tmp_path / f"out/{name}.safetensors").values()
        np.testing.assert_allclose(output, x / 2)
    shutil.copy(tmp_path / "in.safetensors", tmp_path / "in.txt")
    capsys.readouterr()
    assert run(["run", str(bundle.path), str(tmp_path / "in.txt")]) == 2
    assert "neither" in capsys.readouterr().err
