"""Reads the config of NeMo's frame-VAD MarbleNet; what it cannot honour is refused by its key.

Keys, defaults and meanings are those of NVIDIA/NeMo: AudioToMelSpectrogramPreprocessor,
FilterbankFeatures, ConvASREncoder, JasperBlock, MultiLayerPerceptron.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import torch

from nnef_pulse.errors import UnsupportedError
from nnef_pulse.frontends.marblenet import WINDOWS, Block, Mel

_T = TypeVar("_T", int, float, bool, str)

# Settings of training, and those NeMo itself keeps for old configs and no longer reads.
_PREPROCESSOR_IDLE = (
    "_target_",
    "dither",
    "pad_to",
    "pad_value",
    "rng",
    "nb_augmentation_prob",
    "nb_max_freq",
    "max_duration",
    "stft_conv",
    "stft_exact_pad",
)
_ENCODER_IDLE = ("_target_", "activation", "jasper", "feat_in", "conv_mask", "norm_groups")
_BLOCK_IDLE = ("dropout", "se_reduction_ratio", "se_context_size", "se_interpolation_mode")
# No setting of a voice detector comes near it.
_LARGEST = 1_000_000
# Extremes by name: FilterbankFeatures.log_zero_guard_value_fn.
_GUARDS = {"tiny": torch.finfo(torch.float32).tiny, "eps": torch.finfo(torch.float32).eps}


class _Section:
    """A table of the config that knows where it stands and which keys were asked for."""

    def __init__(self, config: object, where: str) -> None:
        if not isinstance(config, Mapping):
            raise UnsupportedError(f"the config's {where} is no table")
        self._values = config
        self.where = where
        self._known: set[str] = set()

    def of(self, key: str) -> _Section:
        self._known.add(key)
        return _Section(self._values.get(key), f"{self.where}.{key}".lstrip("."))

    def rows(self, key: str) -> list[_Section]:
        self._known.add(key)
        rows = self._values.get(key)
        if not isinstance(rows, list) or not rows:
            raise self.refused(key, "a list of blocks is needed")
        return [_Section(row, f"{self.where}.{key}[{n}]") for n, row in enumerate(rows)]

    def get(self, key: str, default: _T | None, kind: type[_T]) -> _T:
        """A value of that kind; a list of one stands for its one. No default: it must be there."""
        value = self.raw(key, default)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.refused(key, f"a value of type {kind.__name__} is needed")
        if isinstance(value, int | float) and not abs(value) < _LARGEST:  # NaN included
            raise self.refused(key, f"a number below {_LARGEST} is needed")
        return value

    def raw(self, key: str, default: object = None) -> Any:
        self._known.add(key)
        return self._values.get(key, default)

    def must_be(self, key: str, allowed: Collection[object], default: object) -> None:
        """Refuse any other value; a list of one stands for its one."""
        value = self.raw(key, default)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if value not in allowed:
            spelt = " or ".join(str(it) for it in allowed)
            raise self.refused(key, f"only {spelt} can be rebuilt")

    def target(self, name: str) -> None:
        if str(self.raw("_target_", "")).rpartition(".")[2] != name:
            raise self.refused("_target_", f"only {name} can be rebuilt")

    def refused(self, key: str, why: str) -> UnsupportedError:
        value = self._values.get(key)
        given = f"is {value!r}" if key in self._values else "is not given"
        where = f"{self.where}.{key}".lstrip(".")
        return UnsupportedError(f"the config's {where} {given}: {why}")

    def done(self, idle: Collection[str]) -> None:
        """Refuse keys nobody asked for: they may change what the model computes."""
        for key in self._values:
            if key not in self._known and key not in idle:
                raise self.refused(str(key), "this door does not know it")


def mel_of(config: Mapping[str, Any]) -> Mel:
    """The front end.

    Raises:
        UnsupportedError: a key asks for what cannot be rebuilt so that it streams.
    """
    it = _Section(config, "").of("preprocessor")
    it.target("AudioToMelSpectrogramPreprocessor")
    rate = it.get("sample_rate", 16000, int)
    window, hop = (
        _samples(it, seconds, samples, rate, default)
        for seconds, samples, default in (
            ("window_size", "n_window_size", 0.02),
            ("window_stride", "n_window_stride", 0.01),
        )
    )
    # Anything else is no normalisation to NeMo, "None" among it; these run over all time.
    if isinstance(it.raw("normalize", "per_feature"), Mapping) or it.raw(
        "normalize", "per_feature"
    ) in ("per_feature", "all_features"):
        raise it.refused("normalize", "a stream has no whole signal to normalise over: use None")
    it.must_be("log", [True], True)
    it.must_be("mag_power", [2.0], 2.0)
    it.must_be("mel_norm", ["slaney"], "slaney")
    it.must_be("frame_splicing", [1], 1)
    it.must_be("exact_pad", [False], False)
    it.must_be("use_torchaudio", [False], False)
    it.must_be("window", list(WINDOWS), "hann")
    it.must_be("log_zero_guard_type", ["add", "clamp"], "add")
    guard = _GUARDS.get(str(it.raw("log_zero_guard_value")))
    emphasis = it.raw("preemph", 0.97)
    mel = Mel(
        sample_rate=rate,
        window=window,
        hop=hop,
        fft=it.get("n_fft", None, int) if it.raw("n_fft") else 2 ** math.ceil(math.log2(window)),
        bands=it.get("features", 64, int),
        low=it.get("lowfreq", 0.0, float),
        high=it.get("highfreq", 0.0, float) if it.raw("highfreq") is not None else None,
        shape=it.get("window", "hann", str),
        preemphasis=None if emphasis is None else it.get("preemph", 0.97, float),
        guard=guard or it.get("log_zero_guard_value", 2**-24, float),
        clamp=it.raw("log_zero_guard_type", "add") == "clamp",
        centred=True,
    )
    if not 0 <= mel.low < (mel.high or rate / 2):
        raise it.refused("lowfreq", "it must lie below highfreq")
    if mel.guard <= 0:
        raise it.refused("log_zero_guard_value", "a logarithm needs more than zero")
    if mel.bands < 1:
        raise it.refused("features", "1 or more is needed")
    if mel.window > mel.fft:
        raise it.refused("n_fft", f"a window of {mel.window} samples does not fit")
    if mel.padding[1] < 0:
        raise it.refused("window_stride", "frames would lie further apart than half a transform")
    it.done(_PREPROCESSOR_IDLE)
    return mel


def blocks_of(config: Mapping[str, Any], mel: Mel) -> tuple[Block, ...]:
    """The encoder.

    Raises:
        UnsupportedError: a key asks for what cannot be rebuilt so that it streams.
    """
    it = _Section(config, "").of("encoder")
    it.target("ConvASREncoder")
    it.must_be("feat_in", [mel.bands], None)
    it.must_be("activation", ["relu"], None)
    it.must_be("normalization_mode", ["batch"], "batch")
    it.must_be("residual_mode", ["add"], "add")
    it.must_be("frame_splicing", [1], 1)
    it.must_be("quantize", [False], False)
    it.raw("init_mode")
    blocks = tuple(_block(row) for row in it.rows("jasper"))
    it.done(_ENCODER_IDLE)
    return blocks


def check_decoder(config: Mapping[str, Any], filters: int) -> None:
    """One linear layer from the last block's filters to two labels, the second being speech.

    Raises:
        UnsupportedError: the decoder or the labels are others.
    """
    top = _Section(config, "")
    labels = top.raw("labels")
    if not isinstance(labels, list) or len(labels) != 2:
        raise top.refused("labels", "two labels are needed, the second being speech")
    it = top.of("decoder")
    it.target("MultiLayerPerceptron")
    it.must_be("hidden_size", [filters], None)
    it.must_be("num_classes", [2, -1], 2)
    it.must_be("num_layers", [1], 2)
    it.must_be("channel_idx", [None], None)
    it.done(("_target_", "activation", "log_softmax"))


def _block(it: _Section) -> Block:
    it.must_be("groups", [1], 1)
    it.must_be("heads", [-1], -1)
    it.must_be("se", [False], False)
    it.must_be("residual_dense", [False], False)
    it.must_be("residual_mode", ["add"], "add")
    it.must_be("future_context", [-1], -1)
    it.must_be("stride_last", [False], False)
    block = Block(
        filters=it.get("filters", None, int),
        kernel=_scaled(it.get("kernel", None, int), it.get("kernel_size_factor", 1.0, float)),
        repeat=it.get("repeat", None, int),
        stride=it.get("stride", None, int),
        dilation=it.get("dilation", None, int),
        residual=it.get("residual", None, bool),
        separable=it.get("separable", False, bool),
    )
    for key in ("filters", "kernel", "repeat", "stride", "dilation"):
        if getattr(block, key) < 1:
            raise it.refused(key, "1 or more is needed")
    if block.stride > 1 and (block.dilation > 1 or block.residual):
        raise it.refused("stride", "a block that steps can be neither dilated nor residual")
    it.done(_BLOCK_IDLE)
    return block


def _scaled(kernel: int, factor: float) -> int:
    # jasper.py, compute_new_kernel_size: rounded down, then up to the next odd number.
    return max(int(kernel * factor), 1) // 2 * 2 + 1


def _samples(it: _Section, seconds: str, samples: str, rate: int, default: float) -> int:
    """A length given in seconds, or else in samples."""
    if it.raw(samples) is not None and not it.raw(seconds):
        count = it.get(samples, None, int)
    else:
        count = int(it.get(seconds, default, float) * rate)
    if count < 1:
        raise it.refused(seconds, "at least one sample is needed")
    return count
