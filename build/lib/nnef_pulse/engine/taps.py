"""Makes wires inside a model its outputs, to see their facts and values."""

from __future__ import annotations

from collections.abc import Sequence

from nnef_pulse.engine.model import Model, Port
from nnef_pulse.errors import EngineError
from nnef_pulse.nnef import Graph

_CONSTANT = ("variable", "literal", "external", "tract_core_external")


def tap(model: Model, wires: Sequence[str]) -> Model:
    """The same model with `wires` as its outputs.

    Raises:
        EngineError: tract cannot load it so.
    """
    # A pulsed model's properties state delays and axes of the outputs it had.
    document = model.text.document.without_fragment("tract_core_properties")
    graph = document.graph.with_outputs(wires)
    return Model(model.text.with_document(document.with_graph(graph)).to_bytes())


def computed(graph: Graph) -> list[str]:
    """The names of all wires that operations compute, in the text's order."""
    made = {name for it in graph.operations for name in it.outputs if "#" not in name}
    return [
        name
        for it in graph.operations
        if it.op not in _CONSTANT
        for name in it.outputs
        if name in made
    ]


def ports(model: Model) -> dict[str, Port]:
    """Every input, output and computed wire of numbers by its name, in the text's order."""
    try:
        inside = tap(model, computed(model.text.graph)).outputs
    except EngineError:
        # Some wires exist only while the engine folds shapes; then the ends have to do.
        inside = ()
    every = (*model.inputs, *inside, *model.outputs)
    return {port.name: port for port in every if port.dtype != "tdim"}


def facts(model: Model) -> dict[str, tuple[str, ...]]:
    """The dimensions of `ports`, as tract prints them."""
    return {name: port.dims for name, port in ports(model).items()}
