"""The NeMo door: archives made here, against a reading of NeMo's own steps; refusals by key."""

from __future__ import annotations

import copy
import io
import json
import pickle
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers.audio_utils import mel_filter_bank

from nnef_pulse.bundle.model_file import export_file
from nnef_pulse.cli import app as cli
from nnef_pulse.engine.model import Model
from nnef_pulse.errors import SourceError, UnsupportedError, UsageError
from nnef_pulse.frontends import nemo
from nnef_pulse.frontends.marblenet import Mel, mel_filters
from nnef_pulse.frontends.nemo_config import blocks_of, check_decoder, mel_of

pytestmark = pytest.mark.usefixtures("one_thread")

Config = dict[str, Any]
State = dict[str, Tensor]


def block(filters: int, kernel: int, **more: object) -> Config:
    plain = {"repeat": 1, "stride": [1], "dilation": [1], "dropout": 0.0, "residual": False}
    return {"filters": filters, "kernel": [kernel], **plain, "separable": True, **more}


CONFIG: Config = {
    "target": "nemo.collections.asr.models.classification_models.EncDecFrameClassificationModel",
    "sample_rate": 16000,
    "labels": ["0", "1"],
    "train_ds": {"manifest_filepath": None},
    "preprocessor": {
        "_target_": "nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor",
        "normalize": "None",
        "window_size": 0.025,
        "sample_rate": 16000,
        "window_stride": 0.01,
        "window": "hann",
        "features": 80,
        "n_fft": 512,
        "frame_splicing": 1,
        "dither": 1e-5,
        "stft_conv": False,
        "pad_to": 2,
    },
    "encoder": {
        "_target_": "nemo.collections.asr.modules.ConvASREncoder",
        "feat_in": 80,
        "activation": "relu",
        "conv_mask": True,
        "jasper": [
            block(32, 11, stride=[2], kernel_size_factor=1.0),
            block(16, 13, repeat=2, residual=True),
            block(24, 15, repeat=3, residual=True, kernel_size_factor=0.5),
            block(32, 29, dilation=[2]),
            block(32, 1, separable=False, se=False),
        ],
    },
    "decoder": {
        "_target_": "nemo.collections.common.parts.MultiLayerPerceptron",
        "hidden_size": 32,
        "num_classes": 2,
        "num_layers": 1,
        "activation": "relu",
        "log_softmax": False,
    },
}


def kernel_of(row: Config) -> int:
    size = max(int(row["kernel"][0] * row.get("kernel_size_factor", 1.0)), 1)
    return size + 1 if size % 2 == 0 else size


def layers(row: Config, channels: int) -> Iterator[tuple[int, str, int, int]]:
    """Index, kind, input and output channels of a JasperBlock's layers that have weights."""
    at = 0
    for _ in range(row["repeat"]):
        if row["separable"]:
            yield at, "depthwise", channels, channels
            yield at + 1, "pointwise", channels, row["filters"]
            at += 2
        else:
            yield at, "plain", channels, row["filters"]
            at += 1
        yield at, "norm", row["filters"], row["filters"]
        at += 3
        channels = row["filters"]


def state_of(config: Config, *, masked: bool = True, featurizer: bool = True) -> State:
    rng = torch.Generator().manual_seed(1)
    conv = ".conv.weight" if masked else ".weight"
    state: State = {}

    def norm(name: str, channels: int) -> None:
        for kind in ("weight", "running_var"):
            state[f"{name}.{kind}"] = torch.rand(channels, generator=rng) + 0.5
        for kind in ("bias", "running_mean"):
            state[f"{name}.{kind}"] = torch.randn(channels, generator=rng) * 0.3
        state[f"{name}.num_batches_tracked"] = torch.tensor(7)

    channels = config["encoder"]["feat_in"]
    for n, row in enumerate(config["encoder"]["jasper"]):
        name = f"encoder.encoder.{n}"
        for at, kind, before, after in layers(row, channels):
            if kind == "norm":
                norm(f"{name}.mconv.{at}", after)
                continue
            shape = {
                "depthwise": (after, 1, kernel_of(row)),
                "pointwise": (after, before, 1),
                "plain": (after, before, kernel_of(row)),
            }[kind]
            spread = (2 / (shape[1] * shape[2])) ** 0.5
            state[f"{name}.mconv.{at}{conv}"] = torch.randn(shape, generator=rng) * spread
        if row["residual"]:
            spread = channels**-0.5
            weight = torch.randn(row["filters"], channels, 1, generator=rng) * spread
            state[f"{name}.res.0.0{conv}"] = weight
            norm(f"{name}.res.0.1", row["filters"])
        channels = row["filters"]
    state["decoder.layer0.weight"] = torch.randn(2, channels, generator=rng)
    state["decoder.layer0.bias"] = torch.randn(2, generator=rng)
    # Random weights say 0 or 1 of everything: bring their odds to where they can be told apart.
    odds = as_nemo_runs_it(config, state, torch.randn(1, 16000, generator=rng) * 0.1).diff()
    for kind in ("weight", "bias"):
        state[f"decoder.layer0.{kind}"] /= odds.std()
    state["decoder.layer0.bias"][1] -= (odds.mean() / odds.std()).item()
    state["loss.weight"] = torch.ones(2)
    if featurizer:
        state["preprocessor.featurizer.window"] = torch.hann_window(400, periodic=False)
        state["preprocessor.featurizer.fb"] = slaney(80, 512)[None]
    return state


def slaney(bands: int, fft: int) -> Tensor:
    filters = mel_filter_bank(
        fft // 2 + 1, bands, 0.0, 8000.0, 16000, norm="slaney", mel_scale="slaney"
    )
    return torch.from_numpy(filters.T.astype(np.float32))


def as_nemo_runs_it(config: Config, state: State, samples: Tensor) -> Tensor:
    """Its steps one by one, masks included, for one signal (1, S): logits (1, frames, 2)."""
    length = samples.shape[1] // 160
    wave = torch.cat([samples[:, :1], samples[:, 1:] - 0.97 * samples[:, :-1]], 1)
    spectrum = torch.stft(
        wave,
        512,
        160,
        400,
        window=torch.hann_window(400, periodic=False),
        center=True,
        pad_mode="constant",
        return_complex=True,
    )
    features = torch.log(slaney(80, 512) @ spectrum.abs().pow(2) + 2**-24)
    features = features * (torch.arange(features.shape[2]) < length)
    features = F.pad(features, (0, features.shape[2] % 2))

    def convolved(name: str, x: Tensor, length: int, **how: int) -> tuple[Tensor, int]:
        weight = state.get(f"{name}.conv.weight", state.get(f"{name}.weight"))
        assert weight is not None
        x = x * (torch.arange(x.shape[2]) < length)
        reach = how.get("dilation", 1) * (weight.shape[2] - 1)
        padding = reach // 2
        out = F.conv1d(x, weight, padding=padding, **how)
        return out, (length + 2 * padding - reach - 1) // how.get("stride", 1) + 1

    def normed(name: str, x: Tensor) -> Tensor:
        mean, var, weight, bias = (
            state[f"{name}.{kind}"] for kind in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(x, mean, var, weight, bias, eps=1e-3)

    for n, row in enumerate(config["encoder"]["jasper"]):
        name, out, before = f"encoder.encoder.{n}", features, length
        how = {"stride": row["stride"][0], "dilation": row["dilation"][0]}
        steps = list(layers(row, features.shape[1]))
        for at, kind, channels, _ in steps:
            if kind == "norm":
                out = normed(f"{name}.mconv.{at}", out)
                if at != steps[-1][0]:
                    out = torch.relu(out)
            elif kind == "pointwise":
                out, length = convolved(f"{name}.mconv.{at}", out, length)
            else:
                groups = channels if kind == "depthwise" else 1
                out, length = convolved(f"{name}.mconv.{at}", out, length, groups=groups, **how)
        if row["residual"]:
            beside, _ = convolved(f"{name}.res.0.0", features, before)
            out = out + normed(f"{name}.res.0.1", beside)
        features = torch.relu(out)
    weight, bias = state["decoder.layer0.weight"], state["decoder.layer0.bias"]
    return F.linear(features.transpose(1, 2), weight, bias)[:, :length]


def packed(
    path: Path, config: object, state: object, *, prefix: str = "./", mode: str = "w"
) -> Path:
    weights = io.BytesIO()
    torch.save(state, weights)
    contents = {
        "model_config.yaml": yaml.safe_dump(config).encode(),
        "model_weights.ckpt": weights.getvalue(),
    }
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, data in contents.items():
            info = tarfile.TarInfo(prefix + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


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


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            lambda it: it.pop("encoder.encoder.1.mconv.0.conv.weight"),
            "no encoder.encoder.1.mconv.0",
        ),
        (lambda it: it.pop("decoder.layer0.bias"), "no decoder.layer0.bias"),
        (lambda it: it.update({"encoder.extra": torch.ones(1)}), "encoder.extra"),
        (
            lambda it: it.update({"encoder.encoder.4.mconv.0.conv.weight": torch.ones(2, 2, 1)}),
            "2, 2",
        ),
        (lambda it: it.update({"preprocessor.featurizer.window": torch.ones(3)}), "window"),
    ],
)
def test_weights_that_do_not_fit_are_named(
    tmp_path: Path, change: Callable[[State], object], named: str
) -> None:
    state = state_of(CONFIG)
    change(state)
    with pytest.raises(UnsupportedError, match=named):
        nemo.frame_vad(packed(tmp_path / "it.nemo", CONFIG, state))


class _Touches:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_code_in_an_archive_is_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    assert not mark.exists()
    bad = {"decoder.layer0.weight": _Touches(mark)}
    with pytest.raises(SourceError, match="more than tensors, and nothing in it is run"):
        nemo.frame_vad(packed(tmp_path / "weights.nemo", CONFIG, bad))
    path = tmp_path / "config.nemo"
    packed(path, CONFIG, state_of(CONFIG))
    with tarfile.open(path, "w") as tar:
        for name, data in {
            "model_config.yaml": f"a: !!python/object/apply:os.mkdir ['{mark}']".encode(),
            "model_weights.ckpt": pickle.dumps(_Touches(mark)),
        }.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    with pytest.raises(SourceError, match="no plain YAML"):
        nemo.frame_vad(path)
    assert not mark.exists()


def test_nothing_outside_the_archive_is_read_or_written(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text(yaml.safe_dump(CONFIG))
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
        path = tmp_path / "link.nemo"
        with tarfile.open(path, "w") as tar:
            info = tarfile.TarInfo("model_config.yaml")
            info.type, info.linkname = kind, str(secret)
            tar.addfile(info)
        with pytest.raises(SourceError, match="no plain file"):
            nemo.frame_vad(path)
    packed(tmp_path / "climb.nemo", CONFIG, state_of(CONFIG), prefix="../")
    with pytest.raises(SourceError, match=r"holds no model_config\.yaml"):
        nemo.frame_vad(tmp_path / "climb.nemo")
    assert sorted(it.name for it in tmp_path.iterdir()) == [
        "climb.nemo",
        "link.nemo",
        "secret.yaml",
    ]


def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path) -> None:
    whole = packed(tmp_path / "whole.nemo", CONFIG, state_of(CONFIG)).read_bytes()
    for content in (b"", b"no tar at all", whole[:2000]):
        path = tmp_path / "cut.nemo"
        path.write_bytes(content)
        with pytest.raises(SourceError, match=r"cut\.nemo"):
            nemo.frame_vad(path)
        assert cli.run(["export", str(path), "-o", str(tmp_path / "out")]) == 2
    with pytest.raises(SourceError, match=r"gone\.nemo"):
        nemo.frame_vad(tmp_path / "gone.nemo")
    for config, state in (([1], {}), (CONFIG, [torch.ones(1)]), (CONFIG, {"a": 1})):
        with pytest.raises(SourceError, match="no table"):
            nemo.frame_vad(packed(tmp_path / "odd.nemo", config, state))


def test_axes_modes_and_options_are_its_own(tmp_path: Path) -> None:
    path = packed(tmp_path / "it.nemo", CONFIG, state_of(CONFIG))
    with pytest.raises(UsageError, match="its own axes"):
        export_file(path, tmp_path / "out", axes={"samples": {1: "T"}})
    with pytest.raises(UsageError, match="no option 'rate'"):
        export_file(path, tmp_path / "out", settings={"rate": "8000"})
    with pytest.raises(SourceError, match=r"ends in \.onnx or \.nemo"):
        export_file(tmp_path / "it.pt", tmp_path / "out")
