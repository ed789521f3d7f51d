"""Silero VAD as a graph that pulses: one row of samples in, one probability out.

The network is Silero's (github.com/snakers4/silero-vad, MIT), read from the TorchScript file of
the installed silero-vad package. Two things its Python wrapper does between calls are in the
graph here, so that the engine keeps them: the last samples of the previous row stand before each
row, and the LSTM's state lives in the stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distribution, version
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from nnef_pulse.engine.model import Array
from nnef_pulse.errors import UsageError
from nnef_pulse.frontends.silence import silence_output
from nnef_pulse.prove.comparison import Peer
from nnef_pulse.recipes import ExportSpec
from nnef_pulse.recipes.speech import Voice, speak


@dataclass(frozen=True)
class Rate:
    """What changes with the sample rate."""

    hertz: int
    row: int
    """Samples per pulse."""
    context: int
    """Samples of the previous row before each row, and of the reflection after it."""
    window: int
    """STFT window in samples; the hop is half of it."""
    prefix: str
    """Of the twin's keys in the TorchScript file."""

    @property
    def bins(self) -> int:
        """STFT bins."""
        return self.window // 2 + 1


RATES = {
    16000: Rate(16000, 512, 64, 256, "_model"),
    8000: Rate(8000, 256, 32, 128, "_model_8k"),
}


class SileroVad(nn.Module):
    """Rows of samples (T, row) to speech probabilities (T, 1)."""

    def __init__(self, rate: Rate) -> None:
        super().__init__()
        self.rate = rate
        self.stft = nn.Conv1d(1, 2 * rate.bins, rate.window, stride=rate.window // 2, bias=False)
        self.encoder = nn.ModuleList(
            [
                nn.Conv1d(rate.bins, 128, 3, padding=1),
                nn.Conv1d(128, 64, 3, stride=2, padding=1),
                nn.Conv1d(64, 64, 3, stride=2, padding=1),
                nn.Conv1d(64, 128, 3, padding=1),
            ]
        )
        self.lstm = nn.LSTM(128, 128, batch_first=True)
        self.decoder = nn.Linear(128, 1)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  # the bundle's name for it
        """Samples (T, row) in -1…1, f32, to probabilities (T, 1), f32."""
        row, side = self.rate.row, self.rate.context
        context = F.pad(input[:, row - side :], (0, 0, 1, 0))[:-1]
        # A reflection, written so that the engine copies rows instead of indexing samples.
        mirrored = torch.flip(input[:, row - side - 1 : row - 1], [1])
        samples = torch.cat([context, input, mirrored], 1).unsqueeze(1)
        spectrum = self.stft(samples)
        real, imaginary = spectrum[:, : self.rate.bins], spectrum[:, self.rate.bins :]
        features = torch.sqrt(real * real + imaginary * imaginary)
        for convolution in self.encoder:
            features = torch.relu(convolution(features))
        hidden, _ = self.lstm(features.squeeze(-1).unsqueeze(0))
        probability: Tensor = torch.sigmoid(self.decoder(torch.relu(hidden)))[0]
        return probability


def _with_weights(rate: Rate) -> SileroVad:
    with silence_output():
        script = torch.jit.load(str(_data("silero_vad.jit")))  # type: ignore[no-untyped-call]
    theirs = {
        key.removeprefix(f"{rate.prefix}."): value
        for key, value in script.state_dict().items()
        if key.startswith(f"{rate.prefix}.")
    }
    ours = {"stft.weight": theirs["stft.forward_basis_buffer"]}
    for n in range(4):
        for kind in ("weight", "bias"):
            ours[f"encoder.{n}.{kind}"] = theirs[f"encoder.{n}.reparam_conv.{kind}"]
    for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        ours[f"lstm.{kind}_l0"] = theirs[f"decoder.rnn.{kind}"]
    ours["decoder.weight"] = theirs["decoder.decoder.2.weight"][:, :, 0]
    ours["decoder.bias"] = theirs["decoder.decoder.2.bias"]
    model = SileroVad(rate)
    model.load_state_dict(ours)
    return model


def _onnx_peer(rate: Rate) -> Peer:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(_data("silero_vad.onnx")), options, providers=["CPUExecutionProvider"]
    )

    def run(inputs: Mapping[str, Array]) -> dict[str, Array]:
        state = np.zeros((2, 1, 128), np.float32)
        context = np.zeros((1, rate.context), np.float32)
        probabilities = []
        for row in inputs["input"]:
            samples = np.concatenate([context, row[None]], 1)
            probability, state = session.run(
                None, {"input": samples, "state": state, "sr": np.array(rate.hertz, np.int64)}
            )
            context = samples[:, -rate.context :]
            probabilities.append(probability[0])
        return {"probability": np.stack(probabilities)}

    name = f"the ONNX of silero-vad {version('silero-vad')} under onnxruntime"
    return Peer(f"{name} {onnxruntime.__version__}", run)


def _data(name: str) -> Path:
    return Path(str(files("silero_vad").joinpath("data", name)))


def _licence() -> str:
    text = distribution("silero-vad").read_text("licenses/LICENSE")
    if text is None:
        raise FileNotFoundError("the silero-vad package carries no licence text")
    return text


def spec(options: Mapping[str, str]) -> ExportSpec:
    """What `export_bundle` needs; `rate` is 16000 (default) or 8000.

    Raises:
        UsageError: another rate.
    """
    asked = options.get("rate", "16000")
    rate = RATES.get(int(asked)) if asked.isdigit() else None
    if rate is None:
        raise UsageError(f"rate={asked}: silero-vad runs at 16000 or at 8000 Hz")
    release = version("silero-vad")
    return ExportSpec(
        model=_with_weights(rate),
        inputs={"input": torch.from_numpy(_example(rate))},
        axes={"input": {0: "T"}},
        asserts=["T >= 1"],
        pulses={"T": 1},
        outputs=["probability"],
        peers=[_onnx_peer(rate)],
        card={
            "title": f"Silero VAD, {rate.hertz // 1000} kHz",
            "source": {
                "model": "Silero VAD v6, a voice activity detector: STFT magnitudes, four "
                "convolutions and an LSTM; context and reflection are in the graph.",
                "weights": f"The TorchScript file of the silero-vad {release} Python package "
                "(github.com/snakers4/silero-vad).",
            },
            "licence": {"name": "MIT", "holder": "Silero Team", "text": _licence()},
            "quality": {
                "data": "Silero's multi-domain validation set",
                "measure": "errors fewer than Silero VAD v5's, in per cent (release v6.0)",
                "figure": 11,
                "claimedBy": "Silero Team",
            },
            "audio": {
                "sampleRate": rate.hertz,
                "samplesPerPulse": rate.row,
                "frontEnd": f"In the graph: {rate.context} samples of the previous row, STFT "
                f"magnitude of {rate.window} samples every {rate.window // 2}.",
            },
            "defaults": {
                "threshold": 0.5,
                "minSpeechMs": 250,
                "minSilenceMs": 100,
                "speechPadMs": 30,
                "frameSamples": rate.row,
            },
        },
    )


def _example(rate: Rate) -> NDArray[np.float32]:
    samples = speak("Pulse by pulse.", Voice("en-us"), rate.hertz)
    return samples[: len(samples) // rate.row * rate.row].reshape(-1, rate.row)
