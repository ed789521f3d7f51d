"""The silero-vad bundle against the package it comes from, and what is (not) in its bytes."""

import io
import json
import secrets
import shutil
import sys
import tarfile
import wave
from pathlib import Path

import numpy as np
import pytest
from silero_reference import reference, samples_of

from conftest import ROOT, command
from nnef_pulse.bundle.files import Bundle
from nnef_pulse.engine.model import Model

SAMPLE = ROOT / "web" / "site" / "sample" / "sample.wav"
SPEECH = ROOT.parent / "shared" / "audio" / "speech-60s-16k.wav"


def probabilities(bundle, samples):
    bundle = Bundle.read(bundle)
    row = bundle.manifest["audio"]["samplesPerPulse"]
    padded = np.pad(samples, (0, -len(samples) % row)).astype(np.float32)
    stream = Model(bundle.bytes_of(bundle.manifest["pulses"][0]["file"])).prepared().stream()
    return np.array([stream.run([it])[0].item() for it in padded.reshape(-1, 1, row)])


@pytest.mark.parametrize("path", [SAMPLE, SPEECH], ids=["sample", "speech"])
def test_every_pulse_equals_the_package_s_own_onnx(silero, path):
    if not path.exists():
        pytest.skip(f"no {path.name} here")
    samples = samples_of(path)
    want = reference(samples)["probabilities"]
    got = probabilities(silero, samples)
    assert len(got) == len(want) == -(-len(samples) // 512)
    assert np.abs(got - want).max() < 1e-5


def test_8_khz_equals_the_package_s_own_onnx(tmp_path):
    out = tmp_path / "silero-vad-8k"
    done = command("export", "silero-vad", "-o", out, "--with", "rate=8000", "--json")
    assert done.returncode == 0, done.stderr
    manifest = json.loads(done.stdout)
    assert manifest["audio"]["samplesPerPulse"] == manifest["defaults"]["frameSamples"] == 256
    peers = [it for it in manifest["verified"] if it["claim"] == "peer"]
    assert {it["file"] for it in peers} == {"model.nnef.tgz", "pulse-T1.nnef.tgz"}


def test_the_sample_is_what_its_command_makes():
    sys.path.insert(0, str(SAMPLE.parent))
    import make

    with wave.open(str(SAMPLE)) as file:
        kept = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    made, _ = make.compose()
    assert 10 * 16000 <= len(kept) <= 15 * 16000
    assert len(made) == len(kept)
    # The C library's random numbers, which the voices use, differ between systems.
    assert np.abs(made.astype(int) - kept.astype(int)).mean() < 300


def test_the_sample_s_speech_is_found_and_nothing_else(silero):
    found = reference(samples_of(SAMPLE))
    assert len(found["segments"]) == 3
    got = probabilities(silero, samples_of(SAMPLE))
    spoken = np.zeros(len(got), bool)
    for it in found["segments"]:
        spoken[it["start"] // 512 - 1 : it["end"] // 512 + 2] = True
    assert got[~spoken].max() < 0.5


def test_the_recorded_result_is_the_page_s_format(silero, tmp_path):
    import subprocess

    out = tmp_path / "sample.json"
    subprocess.run(
        [sys.executable, SAMPLE.with_name("record.py"), "--bundle", silero, "--output", out],
        env={"PYTHONPATH": str(ROOT / "exporter")},
        check=True,
    )
    recorded = json.loads(out.read_text())
    assert set(recorded) == {
        *("sampleRate", "frameSamples", "length", "probabilities", "segments", "peaks"),
    }
    assert recorded["segments"] == reference(samples_of(SAMPLE))["segments"]
    assert len(recorded["peaks"]["max"]) == -(-recorded["length"] // 128)


def test_two_exports_are_the_same_bytes_and_say_nothing_of_the_machine(silero, tmp_path):
    names = [secrets.token_hex(8) for _ in range(4)]
    host, user, home, folder = names
    away = tmp_path / home / folder
    away.mkdir(parents=True)
    again = away / "silero-vad"
    done = command(
        *["export", "silero-vad", "-o", again],
        cwd=away,
        env={
            "HOSTNAME": host,
            "HOST": host,
            "USER": user,
            "LOGNAME": user,
            "HOME": str(tmp_path / home),
            "PYTHONHASHSEED": "7",
            "TZ": "Asia/Tokyo",
        },
    )
    assert done.returncode == 0, done.stderr
    files = {it.name: it.read_bytes() for it in again.iterdir()}
    assert files == {it.name: it.read_bytes() for it in silero.iterdir()}
    for data in [*files.values(), *unpacked(files)]:
        for name in [*names, str(ROOT), Path.home().name]:
            assert name.encode() not in data or name == "root"


def unpacked(files):
    for name, data in files.items():
        if name.endswith(".tgz"):
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                for member in tar:
                    assert (member.mtime, member.uid, member.uname) == (0, 0, "")
                    yield tar.extractfile(member).read()


def test_the_licence_lies_beside_the_weights(silero):
    assert "Silero Team" in (silero / "LICENSE").read_text()
    manifest = json.loads((silero / "manifest.json").read_text())
    assert manifest["licence"] == {"name": "MIT", "holder": "Silero Team", "file": "LICENSE"}


def test_a_failed_export_leaves_what_was_there(silero, tmp_path):
    out = shutil.copytree(silero, tmp_path / "silero-vad")
    before = {it.name: it.read_bytes() for it in out.iterdir()}
    assert command("export", "silero-vad", "-o", out, "--pulse", "X=1").returncode == 2
    assert {it.name: it.read_bytes() for it in out.iterdir()} == before
