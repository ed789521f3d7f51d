"""The bundle: a folder of static files and the manifest that says what they are."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import safetensors.numpy

from nnef_pulse.engine.model import Array
from nnef_pulse.errors import BundleError, UsageError

MANIFEST = "manifest.json"
MODEL = "model.nnef.tgz"
REFERENCE = "reference.safetensors"
HELD_OUT = "held-out.safetensors"
LICENCE = "LICENSE"

_LONGEST_REASON = 300

SCHEMA: dict[str, Any] = json.loads(
    files("nnef_pulse.bundle").joinpath("bundle.schema.json").read_text()
)


@dataclass(frozen=True)
class Bundle:
    """A bundle on disk."""

    path: Path
    manifest: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Bundle:
        """Read a folder's manifest and check it against the schema.

        Raises:
            BundleError: no such folder, no manifest, or one that is not valid.
        """
        try:
            manifest = json.loads((path / MANIFEST).read_text())
        except FileNotFoundError as error:
            raise BundleError(f"{path} is no bundle: it has no {MANIFEST}") from error
        except (OSError, ValueError, RecursionError) as error:
            # ValueError: no UTF-8, no JSON, or a number of too many digits.
            raise BundleError(f"{path / MANIFEST} cannot be read: {error}") from error
        check_manifest(manifest)
        return cls(path, manifest)

    def bytes_of(self, name: str) -> bytes:
        """A file's bytes.

        Raises:
            BundleError: it cannot be read.
        """
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise BundleError(f"{self.path / name} cannot be read: {error.strerror}") from error

    def reference(self) -> dict[str, Array]:
        """The source framework's inputs and outputs, by name.

        Raises:
            BundleError: the file cannot be read.
        """
        try:
            return dict(safetensors.numpy.load(self.bytes_of(REFERENCE)))
        except safetensors.SafetensorError as error:
            raise BundleError(f"{self.path / REFERENCE} cannot be read: {error}") from error


def check_manifest(manifest: object) -> None:
    """Check against the schema.

    Raises:
        BundleError: the message names the first field that is wrong.
    """
    error = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(SCHEMA).iter_errors(manifest)
    )
    if error is not None:
        where = "/".join(str(part) for part in error.absolute_path) or "the top level"
        reason = " ".join(f"{where}: {error.message}".split())
        raise BundleError(f"{MANIFEST} is not valid at {_cut(reason)}")


def _cut(text: str) -> str:
    """As much as a line can bear: a message may quote whatever stands in the file."""
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}…"


def check_target(out: Path) -> str:
    """The id of a bundle to be written at `out`, checked before any work is done.

    Raises:
        UsageError: the folder's name is no id.
        BundleError: it exists and is no bundle, or cannot be written.
    """
    out = out.absolute()
    if not re.fullmatch(SCHEMA["properties"]["id"]["pattern"], out.name):
        raise UsageError(
            f"{out.name!r} cannot name a bundle: the folder's name is its id, up to 64 lower-case "
            "letters, digits, dots, underscores and hyphens, the first a letter or digit"
        )
    if out.exists() and not (out / MANIFEST).exists() and (out.is_file() or any(out.iterdir())):
        raise BundleError(f"{out} exists and is no bundle: choose another folder or empty it")
    parent = next(it for it in out.parents if it.exists())
    if not (parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)):
        raise BundleError(f"{out} cannot be written: {parent} is no folder that you may write in")
    return out.name


def write(out: Path, manifest: Mapping[str, Any], contents: Mapping[str, bytes]) -> Bundle:
    """Write a bundle whole or not at all: beside `out` first, then renamed.

    Raises:
        BundleError: `out` exists and is no bundle, or its parent cannot be written.
    """
    check_target(out)
    out = out.absolute()
    complete = {
        **manifest,
        "files": [
            {"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in sorted(contents.items())
        ],
    }
    check_manifest(complete)
    text = json.dumps(complete, indent=2, ensure_ascii=False) + "\n"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise BundleError(f"{out.parent} cannot be written: {error.strerror}") from error
    try:
        beside.chmod(0o755)
        for name, data in {**contents, MANIFEST: text.encode()}.items():
            (beside / name).write_bytes(data)
        _replace(beside, out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Bundle(out, complete)


def tensors_to_bytes(tensors: Mapping[str, Array]) -> bytes:
    """A safetensors file of named arrays."""
    # ascontiguousarray would make an array of rank 0 one of rank 1.
    solid = {name: np.asarray(array, order="C") for name, array in sorted(tensors.items())}
    return bytes(safetensors.numpy.save(solid))


def _replace(beside: Path, out: Path) -> None:
    if out.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{out.name}.old.", dir=out.parent))
        out.rename(old / out.name)
        beside.rename(out)
        shutil.rmtree(old)
    else:
        beside.rename(out)
