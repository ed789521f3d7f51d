"""Numbers of every tensor of an archive, as numpy computes them, as JSON.

    .venv/bin/python tests/e2e/inspector/tensors.py ARCHIVE.nnef.tgz

Reads the files by their header as NNEF 1.0 lays it out (section 5.2), and shares no code with the
project's readers.
"""

from __future__ import annotations

import json
import sys
import tarfile
from typing import Any

import numpy as np

HEADER = 128
KINDS = {0: "f", 1: "u", 2: "u", 3: "i", 4: "i"}
PACKED_BOOLEAN = 5
FIRST = 8


def items(content: bytes) -> np.ndarray:
    """The tensor in one file."""
    assert content[:2] == b"\x4e\xef", "not a tensor"
    size, rank = (int(it) for it in np.frombuffer(content, "<u4", 2, 4))
    shape = np.frombuffer(content, "<u4", 8, 12)[:rank].tolist()
    bits = int(np.frombuffer(content, "<u4", 1, 44)[0])
    kind, vendor = (int(it) for it in np.frombuffer(content, "<u2", 2, 48))
    assert vendor == 0, f"vendor {vendor:#x}"
    body = content[HEADER : HEADER + size]
    if kind == PACKED_BOOLEAN and bits == 1:
        unpacked = np.unpackbits(np.frombuffer(body, np.uint8))
        return unpacked[: int(np.prod(shape))].astype(bool).reshape(shape)
    return np.frombuffer(body, f"<{KINDS[kind]}{bits // 8}").reshape(shape)


def numbers(values: np.ndarray) -> dict[str, Any]:
    """What is to be shown of one tensor."""
    wide = values.astype(np.float64)
    dtype = "bool" if values.dtype == bool else f"{values.dtype.kind}{values.dtype.itemsize * 8}"
    return {
        "fact": ",".join([*map(str, values.shape), dtype]),
        "min": float(wide.min()),
        "max": float(wide.max()),
        "mean": float(wide.mean()),
        "deviation": float(wide.std()),
        "zeros": int((wide == 0).sum()),
        "first": wide.ravel()[:FIRST].tolist(),
    }


def main() -> None:
    found = {}
    with tarfile.open(sys.argv[1]) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file and member.name.endswith(".dat"):
                label = member.name.removeprefix("./").removesuffix(".dat")
                found[label] = numbers(items(file.read()))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
