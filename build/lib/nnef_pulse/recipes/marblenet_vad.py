"""A MarbleNet taught by Silero: a voice detector that looks ahead, so that its delay is real.

The weights are made here from sound made here; NVIDIA's are not used. What the network must say
of each frame is what Silero VAD says of it, so its quality is how often the two agree. On a
recording of one's own (mono, 16 kHz, 16 bits):

    python -m nnef_pulse.recipes.marblenet_vad SPEECH.wav
"""

from __future__ import annotations

import sys
import wave
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nnef_pulse.errors import SourceError
from nnef_pulse.frontends.marblenet import MARBLENET, MarbleNet, Mel
from nnef_pulse.frontends.silence import silence_output
from nnef_pulse.recipes import ExportSpec
from nnef_pulse.recipes.marblenet_sound import HELD_OUT, RATE, TAUGHT, clips
from nnef_pulse.recipes.training import Trained, fit, trained

# 20 ms windows every 10 ms, ending where the frame ends: the front end itself looks at nothing
# ahead. A transform as long as the window costs least.
MEL = Mel(RATE, window=320, hop=160, fft=320, bands=64)
FRAMES_PER_PULSE = 4
THRESHOLD = 0.5
# Silero's frame at 16 kHz, in samples.
_TEACHER_FRAME = 512

_CLIPS, _HELD_OUT_CLIPS, _SECONDS = 720, 120, 6.0
_STEPS, _BATCH = 420, 16
# Measured in November 2026 by the command above, on the minute of conversation in silero-vad's own
# test data. A constant: what a bundle says must not depend on whether a recording is at hand.
ON_REAL_SPEECH = 0.97


def network() -> MarbleNet:
    """Samples (1, S) at 16 kHz to probabilities (1, S/160)."""
    return MarbleNet(MEL, MARBLENET, settled=True)


@cache
def _teacher() -> Any:
    with silence_output():
        script = torch.jit.load(  # type: ignore[no-untyped-call]
            str(files("silero_vad").joinpath("data", "silero_vad.jit"))
        )
    return script.eval()


def taught(samples: Tensor) -> Tensor:
    """What Silero says of samples (B, S): its probability for each of our frames (B, S/160)."""
    teacher = _teacher()
    teacher.reset_states()
    whole = F.pad(samples, (0, -samples.shape[1] % _TEACHER_FRAME))
    rows = whole.unflatten(1, (-1, _TEACHER_FRAME)).unbind(1)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        said = torch.cat([teacher(row, RATE) for row in rows], 1)
    middles = torch.arange(samples.shape[1] // MEL.hop) * MEL.hop + MEL.hop // 2
    return said[:, middles // _TEACHER_FRAME]


def agreement(model: MarbleNet, samples: Tensor) -> float:
    """The share of frames that model and Silero put on one side of 0.5; samples (B, S)."""
    with torch.no_grad():
        ours = torch.sigmoid(model.logits(model.front(samples)))
    return float(((ours >= THRESHOLD) == (taught(samples) >= THRESHOLD)).double().mean())


def _train() -> Trained:
    rng = torch.Generator().manual_seed(1)
    samples = torch.from_numpy(clips(1, TAUGHT, _CLIPS, _SECONDS))
    labels = taught(samples)
    model = network()
    with torch.no_grad():
        features = torch.cat([model.front(clip[None]) for clip in samples])

    def loss(_step: int) -> Tensor:
        picked = torch.randint(0, _CLIPS, (_BATCH,), generator=rng)
        return F.binary_cross_entropy_with_logits(model.logits(features[picked]), labels[picked])

    fit("marblenet-vad", model, loss, steps=_STEPS, rate=4e-3)
    held_out = torch.from_numpy(clips(2, HELD_OUT, _HELD_OUT_CLIPS, _SECONDS))
    return Trained(model.state_dict(), agreement(model.eval(), held_out))


def pretrained() -> tuple[MarbleNet, float]:
    """The network with its weights, made now if need be, and its agreement on held-out clips."""
    weights = trained("marblenet-vad", _train, packages=["silero-vad", "espeakng-loader"])
    model = network()
    model.load_state_dict(weights.state)
    return model.eval(), weights.figure


def recording(path: Path) -> Tensor:
    """Samples (1, S) in -1…1 of a WAV file: mono, 16 kHz, 16 bits.

    Raises:
        SourceError: it cannot be read, or is of another kind.
    """
    try:
        with wave.open(str(path)) as file:
            kind = file.getnchannels(), file.getframerate(), 8 * file.getsampwidth()
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    except (OSError, EOFError, ValueError, wave.Error) as error:
        raise SourceError(f"{path} cannot be read as a WAV file: {error}") from error
    if kind != (1, RATE, 16):
        raise SourceError(f"{path} has {kind} channels, Hz and bits; needed are (1, {RATE}, 16)")
    return torch.from_numpy(samples.astype(np.float32) / 32768)[None]


def spec(_options: Mapping[str, str]) -> ExportSpec:
    """What `export_bundle` needs."""
    model, figure = pretrained()
    return ExportSpec(
        model=model,
        inputs={"samples": torch.from_numpy(clips(3, HELD_OUT, 1, 2.0))},
        axes={"samples": {1: "S"}},
        pulses={"S": FRAMES_PER_PULSE * MEL.hop},
        outputs=["probability"],
        card={
            "title": "MarbleNet VAD, taught by Silero (not NVIDIA's weights)",
            "source": {
                "model": "MarbleNet 3x2x64, a voice activity detector of separable convolutions "
                "that see 0.75 s ahead; log-mel front end in the graph.",
                "weights": "Trained here, from a seed, to say what Silero VAD "
                f"{version('silero-vad')} says of synthetic speech and noise.",
            },
            "licence": {"name": "MIT OR Apache-2.0", "holder": "the nnef-pulse authors"},
            "quality": {
                "data": f"{_HELD_OUT_CLIPS} clips of {_SECONDS:.0f} s: synthetic speech in "
                "languages and voices not trained on, over noise at 0 to 40 dB",
                "measure": f"frames of 10 ms on the same side of {THRESHOLD} as Silero VAD, as a "
                f"share; {ON_REAL_SPEECH} on a minute of real conversation",
                "figure": round(figure, 4),
                "claimedBy": "the nnef-pulse authors, measured when the weights were made",
            },
            "audio": {
                "sampleRate": RATE,
                "samplesPerPulse": FRAMES_PER_PULSE * MEL.hop,
                "frontEnd": f"In the graph: {MEL.bands} log-mel bands of {MEL.window} samples "
                f"every {MEL.hop}; no normalisation over time.",
            },
            "defaults": {
                "threshold": THRESHOLD,
                "minSpeechMs": 250,
                "minSilenceMs": 100,
                "speechPadMs": 30,
                "frameSamples": MEL.hop,
            },
        },
    )


if __name__ == "__main__":
    samples = recording(Path(sys.argv[1]))
    seconds = samples.shape[1] / RATE
    print(f"{agreement(pretrained()[0], samples):.4f} of the frames of {seconds:.0f} s agree")
