"""`.nnef.tgz` archives whose bytes depend on their contents alone."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nnef_pulse import nnef
from nnef_pulse.nnef.archive import GRAPH

_HEADER = re.compile(r"^graph\s+\w+\s*\(([^)]*)\)\s*->\s*\(([^)]*)\)", re.MULTILINE)
_GELU = re.compile(r"(fragment tract_gelu\s*\([^{]*\{)[^}]*\}")
_UNFUSED = (
    r"\1\n    half = 0.5 * x;\n"
    r"    y = half + half * tract_core_erf(x * 0.7071067811865475);\n}"
)
_LAST_EXTENSION = re.compile(r"^(?:version [^;]*;|extension [^;]*;)\s*?$", re.MULTILINE)


@dataclass(frozen=True)
class Archive:
    """File name to bytes: `graph.nnef` and one `.dat` per tensor."""

    files: Mapping[str, bytes]

    @classmethod
    def from_bytes(cls, data: bytes) -> Archive:
        """Read a `.nnef.tgz` or `.nnef.tar`.

        Raises:
            NnefFormatError: the bytes are no such archive, or hold no graph.nnef.
        """
        return cls(nnef.load(data).files)

    @property
    def graph(self) -> str:
        """The text of graph.nnef."""
        return self.files[GRAPH].decode()

    def ports(self) -> tuple[list[str], list[str]]:
        """Names of inputs and outputs as the text's header gives them.

        Raises:
            NnefFormatError: the text has no header.
        """
        header = _HEADER.search(self.graph)
        if header is None:
            raise nnef.NnefFormatError(f"{GRAPH} has no graph declaration")
        names = [[name.strip() for name in part.split(",")] for part in header.groups()]
        return names[0], names[1]

    def with_graph(self, text: str) -> Archive:
        """The same tensors under another text."""
        return Archive({**self.files, GRAPH: text.encode()})

    def with_extensions(self, lines: Iterable[str]) -> Archive:
        """Add `extension …;` lines that are not there yet, after those that are."""
        text = self.graph
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
        return self.with_graph(_GELU.sub(_UNFUSED, self.graph))

    def to_bytes(self) -> bytes:
        """A `.nnef.tgz` with the graph first, then names sorted; no times, no owners."""
        tar_bytes = io.BytesIO()
        with tarfile.open(fileobj=tar_bytes, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for name in sorted(self.files, key=lambda name: (name != GRAPH, name)):
                info = tarfile.TarInfo(name)
                info.size = len(self.files[name])
                tar.addfile(info, io.BytesIO(self.files[name]))
        return gzip.compress(tar_bytes.getvalue(), compresslevel=6, mtime=0)
