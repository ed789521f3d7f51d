"""The NeMo door: a `.nemo` frame-VAD MarbleNet, rebuilt in plain torch.

Inside, NeMo masks what lies beyond a signal's end before each convolution; for one signal that
is what "same" padding does here, so the frames are those NeMo counts as valid, and no others.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nnef_pulse.errors import UnsupportedError
from nnef_pulse.frontends import pytorch
from nnef_pulse.frontends.marblenet import Block, MarbleNet, Mel, mel_filters, window_of
from nnef_pulse.frontends.nemo_archive import NemoArchive, read
from nnef_pulse.frontends.nemo_config import blocks_of, check_decoder, mel_of
from nnef_pulse.frontends.source import Source

# 40 ms at MarbleNet's 10 ms hop and stride of 2: few enough to be shown as they come.
_FRAMES_PER_PULSE = 2


@dataclasses.dataclass(frozen=True)
class FrameVad:
    """A rebuilt model and what its config says of the sound it takes."""

    network: MarbleNet
    mel: Mel
    samples_per_frame: int

    @property
    def samples_per_pulse(self) -> int:
        """A pulse nobody asked for otherwise."""
        return _FRAMES_PER_PULSE * self.samples_per_frame

    def card(self, samples_per_pulse: int) -> dict[str, Any]:
        """What a bundle's card says when nobody says otherwise."""
        mel = self.mel
        return {
            "source": {
                "model": "A frame-VAD MarbleNet, rebuilt in plain PyTorch from a NeMo archive's "
                "config and weights; probability of the second label.",
                "weights": "The NeMo archive's.",
            },
            "audio": {
                "sampleRate": mel.sample_rate,
                "samplesPerPulse": samples_per_pulse,
                "frontEnd": f"In the graph: {mel.bands} log-mel bands of {mel.window} samples "
                f"every {mel.hop}, as in NeMo's AudioToMelSpectrogramPreprocessor.",
            },
            "defaults": {"frameSamples": self.samples_per_frame},
        }


def frame_vad(path: str | Path) -> FrameVad:
    """Rebuild what a `.nemo` file holds.

    Raises:
        SourceError: it cannot be read, is no such archive, or holds code instead of weights.
        UnsupportedError: a key of its config, or a tensor of its weights, is not one this door
            can rebuild; named.
    """
    archive = read(Path(path))
    mel = mel_of(archive.config)
    blocks = blocks_of(archive.config, mel)
    check_decoder(archive.config, blocks[-1].filters)
    network = MarbleNet(mel, blocks).eval()
    _fill(network, archive, mel, blocks)
    stride = int(np.prod([block.stride**block.repeat for block in blocks]))
    return FrameVad(network, mel, mel.hop * stride)


def source(vad: FrameVad, *, asserts: Sequence[str] = ()) -> Source:
    """The rebuilt model as a source; its one input is `samples` (1, S), its output `probability`.

    Raises:
        UsageError: an assert makes no sense.
        UnsupportedError: torch_to_nnef cannot translate it.
    """
    made = pytorch.source(
        vad.network,
        {"samples": _example(vad.mel.sample_rate)},
        axes={"samples": {1: "S"}},
        asserts=asserts,
        outputs=["probability"],
    )
    return dataclasses.replace(made, described="A frame-VAD MarbleNet from a NeMo archive")


def _fill(network: MarbleNet, archive: NemoArchive, mel: Mel, blocks: Sequence[Block]) -> None:
    theirs = {
        name: tensor
        for name, tensor in archive.weights.items()
        if name.startswith(("preprocessor.", "encoder.", "decoder."))
    }
    window = theirs.pop("preprocessor.featurizer.window", window_of(mel))
    filters = theirs.pop("preprocessor.featurizer.fb", mel_filters(mel)[None])
    if window.shape != (mel.window,) or filters.shape != (1, mel.bands, mel.fft // 2 + 1):
        raise UnsupportedError(
            f"the weights' window {list(window.shape)} or filters {list(filters.shape)} are not "
            "of the sizes the config says"
        )
    network.front.load(window.float(), filters[0].float())

    ours: dict[str, Tensor] = {}
    for theirs_name, our_name in _names(blocks):
        tensor = theirs.pop(theirs_name, None)
        if tensor is None:
            # A masked convolution keeps its weight one level deeper.
            tensor = theirs.pop(f"{theirs_name.removesuffix('.weight')}.conv.weight", None)
        if tensor is None:
            raise UnsupportedError(f"the weights hold no {theirs_name}, which the config asks for")
        ours[our_name] = tensor
    for kind in ("weight", "bias"):
        both = theirs.pop(f"decoder.layer0.{kind}", None)
        if both is None or len(both) != 2:
            raise UnsupportedError(f"the weights hold no decoder.layer0.{kind} of two labels")
        # A softmax of two is a sigmoid of their difference.
        odds = both[1:] - both[:1]
        ours[f"head.{kind}"] = odds[:, :, None] if kind == "weight" else odds
    left = [name for name in theirs if not name.endswith("num_batches_tracked")]
    if left:
        raise UnsupportedError(f"the weights hold {left[0]}, which the config does not ask for")
    wanted = network.state_dict()
    for name, tensor in ours.items():
        if wanted[name].shape != tensor.shape:
            raise UnsupportedError(
                f"the weights' shape {list(tensor.shape)} for {name} is not "
                f"{list(wanted[name].shape)}, as the config says"
            )
    network.load_state_dict(ours, strict=False)


def _names(blocks: Sequence[Block]) -> Iterator[tuple[str, str]]:
    """NeMo's name of each tensor of the encoder, and ours.

    JasperBlock counts layers through its repeats: convolutions, norm, activation, dropout.
    """
    for n, block in enumerate(blocks):
        theirs, ours = f"encoder.encoder.{n}", f"blocks.block{n + 1}"
        layer = 0
        for repeat in range(block.repeat):
            parts = ["over_time", "over_channels"] if block.separable else ["over_time"]
            for part in parts:
                yield (
                    f"{theirs}.mconv.{layer}.weight",
                    f"{ours}.convolutions.{repeat}.{part}.weight",
                )
                layer += 1
            yield from _norm(f"{theirs}.mconv.{layer}", f"{ours}.convolutions.{repeat}.norm")
            layer += 3
        if block.residual:
            yield f"{theirs}.res.0.0.weight", f"{ours}.beside.over_time.weight"
            yield from _norm(f"{theirs}.res.0.1", f"{ours}.beside.norm")


def _norm(theirs: str, ours: str) -> Iterator[tuple[str, str]]:
    for kind in ("weight", "bias", "running_mean", "running_var"):
        yield f"{theirs}.{kind}", f"{ours}.{kind}"


def _example(rate: int) -> Tensor:
    """A second of sound (1, S) that goes from a rising tone to noise."""
    time = np.arange(rate) / rate
    noise = np.random.default_rng(0).standard_normal(rate)
    sound = np.sin(2 * np.pi * (200 + 800 * time) * time) * (1 - time) + 0.3 * noise * time
    return torch.from_numpy(sound.astype(np.float32) * 0.3)[None]
