"""Dumps and differences as lines of text, and as plain data for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from nnef_pulse.nnef import Difference, Operation
from nnef_pulse.nnef.diff import Change


def dump(it: Mapping[str, Any]) -> Iterator[str]:
    """A dump for people."""
    if "bundle" in it:
        yield f"{it['bundle']['id']}: {it['bundle']['title']}"
    for key in ("inputs", "outputs"):
        yield f"{key}"
        yield from _ports(it[key])
    yield f"symbols     {_joined(it['symbols'])}"
    yield f"asserts     {_joined(it['asserts'])}"
    modes = [f"{name}: {' and '.join(rules)}" for name, rules in it["modes"].items()]
    yield f"modes       {_joined(modes)}"
    yield f"parameters  {it['parameters']:,}"
    yield f"operators   {_joined([f'{op} {count}' for op, count in it['operators'].items()])}"
    for key, value in it["properties"].items():
        yield f"property    {key} = {value}"
    for entry in it.get("bundle", {}).get("pulses", []):
        yield (
            f"pulse       {entry['symbol']}={entry['pulse']}: {entry['file']}, "
            f"delay {entry['delay']}, warm-up {entry['warmUp']}"
        )
    if "fixed" in it:
        yield f"with {_sizes(it['fixed']['sizes'])} fixed before optimising"
        yield from _ports([*it["fixed"]["inputs"], *it["fixed"]["outputs"]])
    if "run" in it:
        yield f"run at {_sizes(it['run']['sizes'])}"
        for name, shape in it["run"]["outputs"].items():
            yield f"  {name}  {shape}"
        yield from _profile(it["run"].get("profile", []))


def difference(found: Difference) -> Iterator[str]:
    """A difference for people: - before, + after, ~ what stayed but changed."""
    for kind in ("extensions", "properties", "facts", "operations", "tensors"):
        changes: Sequence[Change] = getattr(found, kind)
        if changes:
            yield f"{kind}"
        for it in changes:
            if isinstance(it.before, Operation) and isinstance(it.after, Operation):
                yield f"  ~ {_altered(it.before, it.after)}"
                continue
            if kind == "facts":
                yield f"  ~ {it.name}: {it.before} -> {it.after}"
                continue
            if it.before is not None:
                yield f"  - {_change(kind, it.name, it.before)}"
            if it.after is not None:
                yield f"  + {_change(kind, it.name, it.after)}"


def plain(found: Difference) -> dict[str, Any]:
    """A difference as plain data."""
    return asdict(found)


def _altered(before: Operation, after: Operation) -> str:
    changes = [
        f"{key} {before.attributes.get(key)} -> {after.attributes.get(key)}"
        for key in sorted({*before.attributes, *after.attributes})
        if before.attributes.get(key) != after.attributes.get(key)
    ]
    if before.op != after.op:
        changes.insert(0, f"{before.op} -> {after.op}")
    if not changes or before.inputs != after.inputs:
        changes.append(f"reads {', '.join(before.inputs)} -> {', '.join(after.inputs)}")
    return f"{', '.join(after.outputs)} = {after.op}: {'; '.join(changes)}"


def _change(kind: str, name: str, value: Any) -> str:
    if isinstance(value, Operation):
        attributes = [f"{key}={it}" for key, it in value.attributes.items()]
        return f"{', '.join(value.outputs)} = {value.op}({', '.join([*value.inputs, *attributes])})"
    return str(value) if kind == "extensions" else f"{name}: {value}"


def _ports(ports: Sequence[Mapping[str, str]]) -> Iterator[str]:
    width = max((len(port["name"]) for port in ports), default=0)
    for port in ports:
        yield f"  {port['name']:<{width}}  {port['fact']}"


def _profile(nodes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    total = sum(node["microseconds"] for node in nodes)
    for node in nodes:
        share = node["microseconds"] / total
        yield f"  {node['microseconds']:>10.1f} us {share:>6.1%}  {node['op']:<20} {node['node']}"
    if nodes:
        yield f"  {total:>10.1f} us in all"


def _joined(items: Sequence[str]) -> str:
    return ", ".join(items) or "none"


def _sizes(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{symbol}={size}" for symbol, size in sizes.items())
