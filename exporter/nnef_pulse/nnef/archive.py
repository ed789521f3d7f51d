"""Whole archives: graph.nnef and its tensors, from a `.nnef.tgz`, a `.nnef.tar` or a folder."""

from __future__ import annotations

import gzip
import io
import os
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from nnef_pulse.nnef.errors import NnefFormatError
from nnef_pulse.nnef.graph import Graph
from nnef_pulse.nnef.tensors import Tensor, read_tensor

GRAPH = "graph.nnef"

_HEADER = re.compile(r"^graph\s+\w+\s*\(([^)]*)\)\s*->\s*\(([^)]*)\)", re.MULTILINE)
_GELU = re.compile(r"(fragment tract_gelu\s*\([^{]*\{)[^}]*\}")
_UNFUSED = (
    r"\1\n    half = 0.5 * x;\n"
    r"    y = half + half * tract_core_erf(x * 0.7071067811865475);\n}"
)
_LAST_EXTENSION = re.compile(r"^(?:version [^;]*;|extension [^;]*;)\s*?$", re.MULTILINE)


class Tensors(Mapping[str, Tensor]):
    """The tensors of an archive by label, each read when asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def __getitem__(self, name: str) -> Tensor:
        return read_tensor(name, self._files[f"{name}.dat"])

    def __iter__(self) -> Iterator[str]:
        return (it.removesuffix(".dat") for it in sorted(self._files) if it.endswith(".dat"))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Archive:
    """An archive's files, with the graph and tensors they hold."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        if GRAPH not in files:
            raise NnefFormatError(f"not an NNEF archive: it holds no {GRAPH}")
        self.files = files
        self.tensors = Tensors(files)

    @classmethod
    def from_bytes(cls, data: bytes) -> Archive:
        """Read a `.nnef.tgz` or `.nnef.tar`.

        Raises:
            NnefFormatError: the bytes are no such archive, or hold no graph.nnef.
        """
        return cls(unpacked(data))

    @cached_property
    def text(self) -> str:
        """The text of graph.nnef.

        Raises:
            NnefFormatError: it is not UTF-8.
        """
        try:
            return self.files[GRAPH].decode()
        except UnicodeDecodeError as error:
            raise NnefFormatError(f"{GRAPH} is not UTF-8 text: {error}") from error

    @cached_property
    def graph(self) -> Graph:
        """The graph, parsed.

        Raises:
            NnefSyntaxError: the text is not NNEF.
        """
        return Graph.parse(self.text)

    def ports(self) -> tuple[list[str], list[str]]:
        """Names of inputs and outputs as the text's header gives them.

        Raises:
            NnefFormatError: the text has no header.
        """
        header = _HEADER.search(self.text)
        if header is None:
            raise NnefFormatError(f"{GRAPH} has no graph declaration")
        names = [[name.strip() for name in part.split(",")] for part in header.groups()]
        return names[0], names[1]

    def with_graph(self, text: str) -> Archive:
        """The same tensors under another text."""
        return Archive({**self.files, GRAPH: text.encode()})

    def with_extensions(self, lines: Iterable[str]) -> Archive:
        """Add `extension …;` lines that are not there yet, after those that are."""
        text = self.text
        new = [f"extension {line};" for line in lines if f"extension {line};" not in text]
        if not new:
            return self
        at = max(match.end() for match in _LAST_EXTENSION.finditer(text))
        return self.with_graph("\n".join([text[:at], *new]) + text[at:])

    def writable(self) -> Archive:
        """The same model with exact GELU spelt so that tract can write it back.

        tract fuses `x/2 * (1 + erf(x/√2))` into an operator it has no text for; written
        `x/2 + x/2 * erf(x/√2)` it stays two operators that it can write.
        """
        return self.with_graph(_GELU.sub(_UNFUSED, self.text))

    def to_bytes(self) -> bytes:
        """A `.nnef.tgz` with the graph first, then names sorted; no times, no owners."""
        tar_bytes = io.BytesIO()
        with tarfile.open(fileobj=tar_bytes, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for name in sorted(self.files, key=lambda name: (name != GRAPH, name)):
                info = tarfile.TarInfo(name)
                info.size = len(self.files[name])
                tar.addfile(info, io.BytesIO(self.files[name]))
        return gzip.compress(tar_bytes.getvalue(), compresslevel=6, mtime=0)


def load(source: str | os.PathLike[str] | bytes) -> Archive:
    """Read an archive.

    Args:
        source: the bytes of a `.nnef.tgz` or `.nnef.tar`, or a path to one, or to a folder.

    Raises:
        NnefFormatError: it cannot be read, or holds no graph.nnef.
    """
    if isinstance(source, bytes):
        return Archive(unpacked(source))
    path = Path(source)
    try:
        if path.is_dir():
            return Archive({it.name: it.read_bytes() for it in path.iterdir() if it.is_file()})
        return Archive(unpacked(path.read_bytes()))
    except OSError as error:
        raise NnefFormatError(f"{path} cannot be read: {error.strerror}") from error


def unpacked(data: bytes) -> dict[str, bytes]:
    """File name to bytes of a tar, gzipped or not.

    Raises:
        NnefFormatError: the bytes are no such archive, or are cut.
    """
    files: dict[str, bytes] = {}
    try:
        if data[:2] == b"\x1f\x8b":
            # Unpacked as one piece, so that a cut or flipped end is noticed too.
            data = gzip.decompress(data)
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is not None:
                    files[member.name.removeprefix("./")] = content.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise NnefFormatError(f"not a readable .nnef.tgz: {error}") from error
    return files
