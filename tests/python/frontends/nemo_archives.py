"""NeMo archives made of random weights, and NeMo's own steps on them, one by one."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
import yaml
from torch import Tensor
from transformers.audio_utils import mel_filter_bank

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
