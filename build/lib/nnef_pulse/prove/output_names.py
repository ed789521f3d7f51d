"""Keeps the names of outputs when the engine writes two that are one tensor under one name."""

from __future__ import annotations

from nnef_pulse.engine.model import Model
from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.rewrite.statements import assign, call
from nnef_pulse.nnef.text.tree import Reference


def named_like(whole: Model, pulsed: Model) -> Model:
    """The pulsed model with the whole model's names of outputs, in its order."""
    names = [port.name for port in whole.outputs]
    written = [port.name for port in pulsed.outputs]
    if names == written or len(names) != len(written):
        return pulsed
    archive = Archive.from_bytes(pulsed.archive)
    graph = archive.document.graph
    copies = [
        assign(name, call("copy", Reference(same)))
        for name, same in zip(names, written, strict=True)
        if name != same
    ]
    graph = graph.with_outputs(names).with_body([*(graph.body or ()), *copies])
    return Model(archive.with_document(archive.document.with_graph(graph)).to_bytes())
