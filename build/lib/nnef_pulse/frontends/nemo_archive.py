"""Reads a `.nemo` archive without running anything in it.

NeMo packs a tar of `model_config.yaml` and `model_weights.ckpt`. Both are read from the tar's
bytes: no path in it is ever written to. The config goes through YAML's safe loader, the weights
through torch's unpickler of tensors alone.
"""

from __future__ import annotations

import io
import pickle
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml

from nnef_pulse.errors import SourceError

_CONFIG, _WEIGHTS = "model_config.yaml", "model_weights.ckpt"
# A config is some kilobytes and a detector some hundred: more is not what this door is for.
_LARGEST = {_CONFIG: 1 << 20, _WEIGHTS: 1 << 30}


@dataclass(frozen=True)
class NemoArchive:
    """What a `.nemo` file holds."""

    config: Mapping[str, Any]
    weights: Mapping[str, torch.Tensor]


def read(path: Path) -> NemoArchive:
    """Read a `.nemo` file, plain or gzipped.

    Raises:
        SourceError: it cannot be read, is no such archive, or holds code instead of weights.
    """
    parts = _members(path)
    for name in (_CONFIG, _WEIGHTS):
        if name not in parts:
            raise SourceError(f"{path} is no .nemo archive: it holds no {name}")
    return NemoArchive(_config(path, parts[_CONFIG]), _weights(path, parts[_WEIGHTS]))


def _members(path: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(path) as tar:
            for member in tar:
                name = member.name.removeprefix("./")
                if name not in _LARGEST:
                    continue
                if not member.isreg() or name in found:
                    raise SourceError(f"{path}: {name} is no plain file, or there are two of it")
                if member.size > _LARGEST[name]:
                    raise SourceError(f"{path}: {name} is larger than {_LARGEST[name]} bytes")
                content = tar.extractfile(member)
                found[name] = content.read() if content else b""
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise SourceError(f"{path} is no readable .nemo archive: {error}") from error
    return found


def _config(path: Path, data: bytes) -> Mapping[str, Any]:
    try:
        config = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        problem = getattr(error, "problem", None) or error
        raise SourceError(f"{path}: {_CONFIG} is no plain YAML: {problem}") from error
    if not isinstance(config, dict):
        raise SourceError(f"{path}: {_CONFIG} holds no table of settings")
    return config


def _weights(path: Path, data: bytes) -> Mapping[str, torch.Tensor]:
    try:
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise SourceError(
            f"{path}: {_WEIGHTS} holds more than tensors, and nothing in it is run: "
            f"{str(error).splitlines()[0]}"
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{path}: {_WEIGHTS} is no readable checkpoint: {error}") from error
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(it, torch.Tensor) for name, it in state.items()
    ):
        raise SourceError(f"{path}: {_WEIGHTS} is no table of tensors by name")
    return state
