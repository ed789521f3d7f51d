"""What a model is, at chosen sizes, and where its time goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nnef_pulse.bundle.model_or_bundle import ModelOrBundle, example_of
from nnef_pulse.engine.model import Array, Model, Port
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.errors import AssertBrokenError, ModeError, SymbolError
from nnef_pulse.nnef import Graph, statistics
from nnef_pulse.nnef.dimensions import Sizes
from nnef_pulse.prove.sample_inputs import InputSampler


def dump(
    it: ModelOrBundle, *, fixed: Sizes, at_run: Sizes, profile: bool = False
) -> dict[str, Any]:
    """Describe a model as plain data.

    Args:
        it: the model.
        fixed: symbols fixed before the engine optimises.
        at_run: symbols given at run time, the plan itself staying open.
        profile: run once and say where the time goes; every symbol needs a value.

    Raises:
        SymbolError: an unknown symbol, one given twice, or one left free under `profile`.
        AssertBrokenError, ModeError: the sizes break an assert, or are in no mode.
        EngineError: tract cannot prepare or run it so.
    """
    _check(it.graph, fixed, at_run)
    described: dict[str, Any] = {
        "inputs": [_port(port) for port in it.model.inputs],
        "outputs": [_port(port) for port in it.model.outputs],
        "symbols": list(it.graph.symbols),
        "asserts": list(it.graph.asserts),
        "modes": {name: list(rules) for name, rules in it.graph.modes.items()},
        "properties": dict(it.graph.properties),
        "operators": statistics.operators(it.graph),
        "parameters": statistics.of_archive(it.model.text).parameters,
    }
    if it.bundle:
        keys = ("id", "title", "pulses", "verified")
        described["bundle"] = {key: it.bundle.manifest[key] for key in keys}
    if fixed:
        described["fixed"] = {"sizes": dict(fixed), **_at(it.model, fixed)}
    if profile or at_run:
        described["run"] = _run(it, fixed, at_run, profile)
    return described


def _port(port: Port) -> dict[str, str]:
    return {"name": port.name, "fact": port.fact}


def _at(model: Model, sizes: Sizes) -> dict[str, list[dict[str, str]]]:
    def fixed(port: Port) -> dict[str, str]:
        dims = [
            str(it.at(sizes)) if it.symbols <= sizes.keys() else it.text
            for it in port.expressions()
        ]
        return {"name": port.name, "fact": ",".join([*dims, port.dtype])}

    return {
        "inputs": [fixed(port) for port in model.inputs],
        "outputs": [fixed(port) for port in model.outputs],
    }


def _check(graph: Graph, fixed: Sizes, at_run: Sizes) -> None:
    for symbol in (*fixed, *at_run):
        if symbol not in graph.symbols:
            known = ", ".join(graph.symbols) or "none"
            raise SymbolError(f"the model has no symbol {symbol}; it has: {known}")
    twice = fixed.keys() & at_run.keys()
    if twice:
        raise SymbolError(f"{min(twice)} is given to --set and to --run-set: choose one")


def _run(it: ModelOrBundle, fixed: Sizes, at_run: Sizes, profile: bool) -> dict[str, Any]:
    sizes = {**fixed, **at_run}
    used = {
        symbol for port in it.model.inputs for dim in port.expressions() for symbol in dim.symbols
    }
    free = sorted(used - sizes.keys())
    if free:
        raise SymbolError(
            f"{', '.join(free)} has no value, so there is nothing to run: "
            f"add --set {free[0]}=N to fix it before optimising, or --run-set {free[0]}=N"
        )
    dims, example = example_of(it)
    chosen = {symbol: sizes[symbol] for symbol in dims.example}
    broken = [rule.text for rule in dims.asserts if not rule.holds(chosen)]
    if broken:
        raise AssertBrokenError(f"{_format_sizes(chosen)} breaks {broken[0]!r}")
    if not dims.allows(chosen):
        raise ModeError(f"{_format_sizes(chosen)} is in no mode: {', '.join(dims.modes or {})}")
    inputs = InputSampler(example, dims.axes)(chosen)
    arrays = [inputs[port.name] for port in it.model.inputs]
    shapes, times = run_isolated(_shapes_and_times, it.model, fixed, arrays, profile)
    described: dict[str, Any] = {
        "sizes": chosen,
        "outputs": {port.name: shape for port, shape in zip(it.model.outputs, shapes, strict=True)},
    }
    if profile:
        described["profile"] = _profile(json.loads(times))
    return described


def _shapes_and_times(
    model: Model, fixed: Sizes, inputs: list[Array], profile: bool
) -> tuple[list[list[int]], str]:
    ready = model.prepared(fixed)
    shapes = [list(array.shape) for array in ready.run(inputs)]
    return shapes, ready.profile(inputs) if profile else ""


def _profile(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    nodes = [
        {
            "node": node["node_name"],
            "op": node["op_name"],
            "microseconds": round(node["secs_per_iter"] * 1e6, 3),
        }
        for node in raw["nodes"]
        if node.get("secs_per_iter")
    ]
    return sorted(nodes, key=lambda node: -node["microseconds"])


def _format_sizes(sizes: Sizes) -> str:
    return ", ".join(f"{symbol}={size}" for symbol, size in sizes.items())
