"""Keeps the names of outputs when the engine writes two that are one tensor under one name."""

from __future__ import annotations

import re

from nnef_pulse.engine.model import Model
from nnef_pulse.nnef.archive import Archive

_OUTPUTS = re.compile(r"(^graph\s+\w+\s*\([^)]*\)\s*->\s*\()[^)]*(\))", re.MULTILINE)
_LAST_LINE = re.compile(r"\}\s*\Z")


def named_like(whole: Model, pulsed: Model) -> Model:
    """The pulsed model with the whole model's names of outputs, in its order."""
    names = [port.name for port in whole.outputs]
    written = [port.name for port in pulsed.outputs]
    if names == written or len(names) != len(written):
        return pulsed
    archive = Archive.from_bytes(pulsed.archive)
    copies = [
        f"    {name} = copy({same});\n"
        for name, same in zip(names, written, strict=True)
        if name != same
    ]
    text = _OUTPUTS.sub(lambda it: f"{it[1]}{', '.join(names)}{it[2]}", archive.text, count=1)
    return Model(archive.with_text(_LAST_LINE.sub("".join([*copies, "}\n"]), text)).to_bytes())
