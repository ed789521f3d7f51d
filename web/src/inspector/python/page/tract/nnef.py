"""Loading and writing NNEF."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

from pyodide.ffi import to_js

from tract.errors import TractError, engine, raising
from tract.models import Model


class Nnef:
    """A context. Every registry the page's engine has is on already."""

    def _same(self) -> Nnef:
        return self

    with_tract_core = without_tract_core = with_tract_extra = _same
    with_tract_transformers = with_pulse = with_onnx = _same
    with_extended_identifier_syntax = _same

    def load(self, path: str | Path) -> Model:
        """Loads a `.nnef.tgz`, a `.nnef.tar` or a folder.

        Raises:
            TractError: there is nothing at `path`, or it is no model.
        """
        try:
            tar = _tar(Path(path))
        except (OSError, EOFError, tarfile.TarError) as error:
            raise TractError(f"{path} cannot be read: {error}") from error
        with raising():
            return Model(engine().loadTar(to_js(tar)))

    def write_model_to_tar(self, model: Model, path: str | Path) -> None:
        """Writes a `.nnef.tar`."""
        with raising():
            tar = model._valid().toTar().to_bytes()
        Path(path).write_bytes(tar)

    def write_model_to_tar_gz(self, model: Model, path: str | Path) -> None:
        """Writes a `.nnef.tgz`."""
        with raising():
            tar = model._valid().toTar().to_bytes()
        Path(path).write_bytes(gzip.compress(tar, mtime=0))

    def write_model_to_dir(self, model: Model, path: str | Path) -> None:
        """Writes a folder."""
        with raising():
            tar = model._valid().toTar().to_bytes()
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
            archive.extractall(path, filter="data")


def _tar(path: Path) -> bytes:
    if path.is_dir():
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for file in sorted(path.iterdir()):
                archive.add(file, file.name, recursive=False)
        return out.getvalue()
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
