"""The MarbleNet recipe: sound from a seed, a front end that looks at nothing ahead, real delay."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from nnef_pulse import recipes
from nnef_pulse.bundle.compare import compare
from nnef_pulse.bundle.export import export_bundle
from nnef_pulse.bundle.files import Bundle
from nnef_pulse.engine.model import Model
from nnef_pulse.errors import SourceError
from nnef_pulse.frontends.marblenet import LogMel, MarbleNet, Mel
from nnef_pulse.recipes import marblenet_sound as sound
from nnef_pulse.recipes import marblenet_vad as recipe
from nnef_pulse.recipes.speech import Voice, speak
from nnef_pulse.recipes.training import Trained

pytestmark = pytest.mark.usefixtures("one_thread")

BUNDLE = ROOT / "dist" / "bundles" / "marblenet-vad"
SPEECH = ROOT.parent / "shared" / "audio" / "speech-60s-16k.wav"
made = pytest.mark.skipif(
    not (BUNDLE / "manifest.json").exists(), reason="the bundle is not made yet"
)


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The recipe's order under random weights: training takes minutes."""
    torch.manual_seed(0)
    network = recipe.network()
    with torch.no_grad():
        network.head.weight *= 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe, "trained", lambda *_, **__: Trained(network.state_dict(), 0.5))
        spec = recipes.find("marblenet-vad").spec({})
    return export_bundle(
        spec.model,
        spec.inputs,
        tmp_path_factory.mktemp("bundles") / "marblenet-vad",
        axes=spec.axes,
        pulses=spec.pulses,
        card=spec.card,
        outputs=spec.outputs,
    )


def test_the_bundle_says_what_a_page_needs(untrained: Bundle) -> None:
    manifest = untrained.manifest
    assert "not NVIDIA's weights" in manifest["title"]
    audio = manifest["audio"]
    assert (audio["sampleRate"], audio["samplesPerPulse"]) == (16000, 640)
    assert manifest["outputs"][0]["fact"] == "1,(S)/160,f32"
    (pulse,) = manifest["pulses"]
    # 5 + 2*6 + 2*7 + 2*8 + 2*14: half of each kernel, dilated, all on 10 ms frames.
    assert (pulse["pulse"], pulse["delay"]) == (640, 75)
    pulsed = Model(untrained.bytes_of(pulse["file"]))
    assert pulsed.inputs[0].fact == "1,640,f32"
    assert pulsed.outputs[0].fact == "1,4,f32"


def test_torch_whole_and_stream_agree_and_the_tail_is_said_apart(untrained: Bundle) -> None:
    proofs = untrained.manifest["verified"]
    assert {"whole", "pulsed"} <= {it["claim"] for it in proofs}
    (pulsed,) = (it for it in proofs if it["claim"] == "pulsed")
    assert pulsed["tolerance"] == 1e-5
    assert pulsed["largestError"] <= 1e-5
    assert pulsed["comparedLength"] > 100
    assert 0 < pulsed["tail"]["frames"] <= 75


def test_a_stream_equals_torch_frame_by_frame_once_its_delay_has_passed(
    untrained: Bundle,
) -> None:
    samples = sound.clips(5, sound.HELD_OUT, 1, 3.0)
    whole = Model(untrained.bytes_of("model.nnef.tgz")).prepared()
    ready = Model(untrained.bytes_of("pulse-S640.nnef.tgz")).prepared()
    stream = ready.stream()
    frames = np.concatenate(
        [stream.run([samples[:, at : at + 640]])[0] for at in range(0, 48000, 640)], 1
    )
    want = whole.run([samples])[0]
    assert want.shape == frames.shape == (1, 300)
    # Frame k of the stream stands for frame k-75; the whole's last 75 saw the end coming.
    np.testing.assert_allclose(frames[:, 75:225], want[:, :150], atol=1e-5, rtol=0)


def test_what_pulsing_changed_is_delays_and_facts(untrained: Bundle) -> None:
    models = [Model(untrained.bytes_of(it)) for it in ("model.nnef.tgz", "pulse-S640.nnef.tgz")]
    found = compare(*models)
    assert not found.tensors
    assert all(it.after for it in found.operations)
    added = [it.after.op for it in found.operations if it.before is None]
    assert {*added} == {"tract_pulse_delay", "tract_pulse_pulse_pad"}
    # What a convolution padded, the stream pads before it.
    for it in found.operations:
        if it.before is not None:
            assert it.before.op == it.after.op == "conv"
            assert it.after.attributes == {**it.before.attributes, "padding": [(0, 0)]}
    assert all("S" in it.before and "S" not in it.after for it in found.facts)


def test_sound_comes_from_its_seed_alone() -> None:
    first, again, other = (sound.clips(seed, sound.TAUGHT, 3, 1.0) for seed in (7, 7, 8))
    assert first.tobytes() == again.tobytes()
    assert not np.array_equal(first, other)
    assert first.shape == (3, 16000)
    assert np.abs(first).max() < 1


def test_speech_does_not_depend_on_what_was_said_before() -> None:
    voice = Voice("en-us+klatt4", 150, 60)
    first = speak("Pulse by pulse.", voice)
    speak("Something else entirely.", Voice("fi+f3", 200, 20))
    assert first.tobytes() == speak("Pulse by pulse.", voice).tobytes()
    with pytest.raises(RuntimeError, match="no voice 'xx'"):
        speak("Nobody.", Voice("xx"))
    assert first.tobytes() == speak("Pulse by pulse.", voice).tobytes()


def test_no_voice_or_language_is_both_taught_and_held_out() -> None:
    for ours, theirs in (
        (sound.TAUGHT.languages, sound.HELD_OUT.languages),
        (sound.TAUGHT.variants, sound.HELD_OUT.variants),
    ):
        assert not set(ours) & set(theirs)


def test_every_voice_speaks() -> None:
    rng = np.random.default_rng(0)
    for cast in (sound.TAUGHT, sound.HELD_OUT):
        for language in cast.languages:
            one = sound.Cast([language], cast.variants[:1])
            assert np.abs(sound.utterances(rng, one, 1)[0]).max() == pytest.approx(1)
        for variant in cast.variants:
            sound.utterances(rng, sound.Cast(cast.languages[:1], [variant]), 1)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_noise_has_power_one_or_is_silence(seed: int) -> None:
    wave = sound.noise(np.random.default_rng(seed), 16000)
    power = float(np.mean(wave**2))
    assert power == 0 or power == pytest.approx(1, abs=1e-3)


def test_the_teacher_hears_speech_and_not_silence() -> None:
    rng = np.random.default_rng(3)
    spoken = sound.utterances(rng, sound.Cast(["en-us"], [""]), 1)[0]
    samples = np.concatenate([np.zeros(16000), spoken * 0.5]).astype(np.float32)[None]
    heard = recipe.taught(torch.from_numpy(samples))
    assert heard.shape == (1, samples.shape[1] // 160)
    assert heard[0, :90].max() < 0.2
    assert heard[0, 110:].median() > 0.8


@settings(max_examples=10, deadline=None)
@given(at=st.integers(0, 7999))
def test_the_front_end_looks_at_nothing_after_its_frame(at: int) -> None:
    front = LogMel(recipe.MEL)
    rng = torch.Generator().manual_seed(at)
    samples = torch.randn(1, 8000, generator=rng) * 0.1
    changed = samples.clone()
    changed[0, at:] += 1
    before, after = front(samples), front(changed)
    assert before.shape == (1, 64, 50)
    torch.testing.assert_close(before[:, :, : at // 160], after[:, :, : at // 160])


def test_the_front_end_is_torchs_stft() -> None:
    mel = Mel(16000, window=400, hop=160, fft=512, bands=80, centred=True)
    samples = torch.randn(1, 4000, generator=torch.Generator().manual_seed(1)) * 0.1
    window = torch.hann_window(400, periodic=False)
    spectrum = torch.stft(
        samples, 512, 160, 400, window, center=True, pad_mode="constant", return_complex=True
    )
    front = LogMel(mel)
    filters = front.filters.weight[:, :257, 0]
    want = torch.log(filters @ spectrum.abs().pow(2) + 2**-24)[:, :, : 4000 // 160]
    torch.testing.assert_close(front(samples), want, atol=1e-4, rtol=1e-4)


def test_a_louder_signal_is_no_other_frame_count() -> None:
    for samples in (160, 319, 320, 16001):
        assert recipe.network().eval()(torch.zeros(1, samples)).shape == (1, samples // 160)


@made
def test_the_made_bundle_agrees_with_silero_on_clips_it_never_saw() -> None:
    bundle = Bundle.read(BUNDLE)
    assert bundle.manifest["quality"]["figure"] >= 0.9
    samples = sound.clips(11, sound.HELD_OUT, 12, 4.0)
    ready = Model(bundle.bytes_of("model.nnef.tgz")).prepared()
    ours = np.concatenate([ready.run([clip[None]])[0] for clip in samples])
    theirs = recipe.taught(torch.from_numpy(samples)).numpy()
    assert ((ours >= 0.5) == (theirs >= 0.5)).mean() >= 0.85


@made
@pytest.mark.skipif(not SPEECH.exists(), reason="no recording of real speech here")
def test_the_figure_on_real_speech_is_what_the_card_states() -> None:
    samples = recipe.recording(SPEECH)
    model = Model((BUNDLE / "model.nnef.tgz").read_bytes()).prepared()
    theirs = recipe.taught(samples)[0].numpy()
    ours = model.run([samples.numpy()])[0][0]
    agreed = ((ours >= recipe.THRESHOLD) == (theirs >= recipe.THRESHOLD)).mean()
    assert agreed == pytest.approx(recipe.ON_REAL_SPEECH, abs=0.01)
    assert str(recipe.ON_REAL_SPEECH) in Bundle.read(BUNDLE).manifest["quality"]["measure"]


def test_a_recording_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recording.wav"
    for data in (b"", b"RIFF", b"RIFF\4\0\0\0WAVE"):
        path.write_bytes(data)
        with pytest.raises(SourceError, match=r"recording\.wav"):
            recipe.recording(path)
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 44100, 0, "NONE", ""))
        file.writeframes(bytes(400))
    with pytest.raises(SourceError, match="44100"):
        recipe.recording(path)


def test_the_architecture_is_marblenets() -> None:
    network = recipe.network()
    assert isinstance(network, MarbleNet)
    weights = sum(
        it.numel() for name, it in network.named_parameters() if name.startswith("blocks")
    )
    # The paper's MarbleNet-3x2x64 has 88k parameters with 64 bands in and a decoder after.
    assert 70_000 < weights < 90_000
