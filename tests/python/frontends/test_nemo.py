"""NeMo models: rebuilt, they compute what NeMo's own steps do; refusals name the key."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from frontends.nemo_archives import CONFIG, as_nemo_runs_it, packed, slaney, state_of
from nnef_pulse.cli import app as cli
from nnef_pulse.engine.model import Model
from nnef_pulse.errors import UnsupportedError
from nnef_pulse.frontends import nemo
from nnef_pulse.frontends.marblenet import Mel, mel_filters
from nnef_pulse.frontends.nemo_config import blocks_of, check_decoder, mel_of

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(
    ("masked", "featurizer", "prefix", "mode"),
    [(True, True, "./", "w"), (False, False, "", "w:gz")],
)
def test_the_rebuilt_model_computes_what_nemo_does(
    tmp_path: Path, masked: bool, featurizer: bool, prefix: str, mode: str
) -> None:
    state = state_of(CONFIG, masked=masked, featurizer=featurizer)
    path = packed(tmp_path / "it.nemo", CONFIG, state, prefix=prefix, mode=mode)
    vad = nemo.frame_vad(path)
    assert vad.samples_per_frame == 320
    rng = torch.Generator().manual_seed(2)
    for length in (321, 7000, 16001, 16159, 16160, 16000):
        samples = torch.randn(1, length, generator=rng) * 0.1
        with torch.no_grad():
            ours = vad.network(samples)
            theirs = as_nemo_runs_it(CONFIG, state, samples).softmax(-1)[..., 1]
        assert ours.shape == theirs.shape
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)
    assert 0.05 < ours.mean() < 0.95
    assert ours.std() > 0.01


def test_a_bundle_streams_with_real_delay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = packed(tmp_path / "it.nemo", CONFIG, state_of(CONFIG))
    assert cli.run(["export", str(path), "-o", str(tmp_path / "frame-vad"), "--json"]) == 0
    manifest = json.loads(capsys.readouterr().out)
    assert manifest["inputs"] == [{"name": "samples", "fact": "1,S,f32"}]
    (pulse,) = manifest["pulses"]
    assert (pulse["symbol"], pulse["pulse"]) == ("S", 640)
    assert manifest["audio"]["samplesPerPulse"] == 640
    assert manifest["audio"]["sampleRate"] == 16000
    assert manifest["defaults"]["frameSamples"] == 320
    # Frames of 20 ms: 12 + 9 + 28 by the convolutions after the stride, the rest before it.
    assert pulse["delay"] >= 12 + 9 + 28
    proofs = {proof["claim"]: proof for proof in manifest["verified"]}
    assert proofs["pulsed"]["largestError"] <= 1e-5
    assert proofs["pulsed"]["tail"]["frames"] > 0
    pulsed = Model((tmp_path / "frame-vad" / pulse["file"]).read_bytes())
    assert pulsed.outputs[0].fact == "1,2,f32"


def test_filters_are_slaneys() -> None:
    for bands, fft in ((80, 512), (64, 320), (40, 1024)):
        mel = Mel(16000, window=fft, hop=160, fft=fft, bands=bands)
        torch.testing.assert_close(mel_filters(mel), slaney(bands, fft), atol=1e-7, rtol=1e-4)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("preprocessor.normalize", "per_feature", "preprocessor.normalize is 'per_feature'"),
        ("preprocessor.normalize", {"fixed_mean": [0], "fixed_std": [1]}, "preprocessor.normalize"),
        ("preprocessor.normalize", None, "preprocessor.normalize is not given"),
        ("preprocessor.exact_pad", True, "preprocessor.exact_pad is True"),
        ("preprocessor.log", False, "preprocessor.log"),
        ("preprocessor.mag_power", 1.0, "preprocessor.mag_power"),
        ("preprocessor.mel_norm", None, "preprocessor.mel_norm"),
        ("preprocessor.window", "kaiser", "preprocessor.window is 'kaiser'"),
        ("preprocessor.n_fft", 256, "preprocessor.n_fft is 256"),
        ("preprocessor.window_stride", 0.03, "preprocessor.window_stride"),
        ("preprocessor.features", "${model.n_mels}", "preprocessor.features"),
        ("preprocessor.vtlp", 1, "preprocessor.vtlp is 1: this door does not know it"),
        ("preprocessor._target_", "x.AudioToMFCCPreprocessor", "preprocessor._target_"),
        ("encoder._target_", "x.ConformerEncoder", "encoder._target_"),
        ("encoder.activation", "gelu", "encoder.activation is 'gelu'"),
        ("encoder.normalization_mode", "group", "encoder.normalization_mode"),
        ("encoder.feat_in", 64, "encoder.feat_in is 64"),
        ("encoder.jasper", [], "encoder.jasper"),
        ("encoder.jasper.1.se", True, r"encoder.jasper\[1\].se is True"),
        ("encoder.jasper.0.residual", True, r"encoder.jasper\[0\].stride is \[2\]"),
        ("encoder.jasper.3.groups", 4, r"encoder.jasper\[3\].groups is 4"),
        ("encoder.jasper.2.residual_dense", True, r"encoder.jasper\[2\].residual_dense"),
        ("encoder.jasper.2.future_context", 3, r"encoder.jasper\[2\].future_context"),
        ("encoder.jasper.2.repeat", "two", r"encoder.jasper\[2\].repeat is 'two'"),
        ("encoder.jasper.2.dilation", [0], r"encoder.jasper\[2\].dilation is \[0\]"),
        ("encoder.jasper.4.scale", 2, r"encoder.jasper\[4\].scale"),
        ("decoder.num_layers", 2, "decoder.num_layers is 2"),
        ("decoder._target_", "x.ConvASRDecoder", "decoder._target_"),
        ("labels", ["a", "b", "c"], "labels is"),
        ("encoder", "none", "encoder is no table"),
    ],
)
def test_what_cannot_be_rebuilt_is_named_by_its_key(
    tmp_path: Path, path: str, value: object, named: str
) -> None:
    config: Any = copy.deepcopy(CONFIG)
    *parents, last = path.split(".")
    at = config
    for key in parents:
        at = at[int(key) if key.isdigit() else key]
    if value is None and last == "normalize":
        del at[last]
    else:
        at[last] = value
    archive = packed(tmp_path / "it.nemo", config, state_of(CONFIG))
    with pytest.raises(UnsupportedError, match=f"the config's {named}"):
        nemo.frame_vad(archive)
    assert cli.run(["export", str(archive), "-o", str(tmp_path / "out")]) == 1


_ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(-2, 20), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=1),
)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_value_at_any_key_is_read_or_refused(data: st.DataObject) -> None:
    config: Any = copy.deepcopy(CONFIG)
    at = config[data.draw(st.sampled_from(["preprocessor", "encoder", "decoder"]))]
    if "jasper" in at and data.draw(st.booleans()):
        at = data.draw(st.sampled_from(at["jasper"]))
    others = ["lowfreq", "highfreq", "log_zero_guard_value", "preemph", "n_window_size"]
    key = data.draw(st.sampled_from([*at, *others]))
    at[key] = data.draw(_ODD)
    try:
        mel = mel_of(config)
        blocks = blocks_of(config, mel)
        check_decoder(config, blocks[-1].filters)
    except UnsupportedError as error:
        assert "the config's" in str(error)
        return
    assert mel.padding[1] >= 0
    assert all(block.kernel % 2 == 1 for block in blocks)
