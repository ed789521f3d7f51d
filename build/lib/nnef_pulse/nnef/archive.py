"""Whole archives: graph.nnef and its tensors, from a `.nnef.tgz`, a `.nnef.tar` or a folder."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from nnef_pulse.nnef.errors import NnefFormatError
from nnef_pulse.nnef.graph import Graph
from nnef_pulse.nnef.tensors import Tensor, read_tensor
from nnef_pulse.nnef.text import parse, write
from nnef_pulse.nnef.text.tree import Document

GRAPH = "graph.nnef"


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
        return Graph.of(self.document)

    @cached_property
    def document(self) -> Document:
        """The text's syntax tree.

        Raises:
            NnefSyntaxError: the text is not NNEF.
        """
        return parse(self.text)

    def ports(self) -> tuple[list[str], list[str]]:
        """Names of inputs and outputs as the graph's header gives them.

        Raises:
            NnefSyntaxError: the text is not NNEF.
        """
        graph = self.document.graph
        return list(graph.inputs), list(graph.outputs)

    def with_text(self, text: str) -> Archive:
        """The same tensors under another text."""
        return Archive({**self.files, GRAPH: text.encode()})

    def with_document(self, document: Document) -> Archive:
        """The same tensors under another tree; its text stays where the tree is as it was read."""
        text = write(document)
        return self if text == self.text else self.with_text(text)

    def with_extensions(self, lines: Iterable[str]) -> Archive:
        """Add extensions that are not there yet, after those that are."""
        return self.with_document(self.document.with_extensions(lines))

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
