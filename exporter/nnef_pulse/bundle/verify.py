"""Checks every claim of a bundle's manifest that its files can answer for."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from nnef_pulse.bundle import files as bundles
from nnef_pulse.bundle.compare import compare
from nnef_pulse.bundle.files import Bundle
from nnef_pulse.bundle.model_or_bundle import ModelOrBundle, example_of
from nnef_pulse.engine.model import VERSION, Model
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.errors import NnefPulseError, VerificationError
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.prove.comparison import compared, run_once
from nnef_pulse.prove.output_names import named_like
from nnef_pulse.prove.sample_inputs import LIKE_EXAMPLE, Inputs, InputSampler, Run
from nnef_pulse.prove.stream_proof import prove_stream
from nnef_pulse.prove.streaming import Pulsed
from nnef_pulse.prove.tolerance import Tolerance, rounded_up

_log = logging.getLogger("nnef_pulse")


def verify(path: Path) -> int:
    """Verify a bundle and give the number of claims checked.

    Raises:
        BundleError: there is no bundle to read.
        VerificationError: files and manifest disagree; lists every problem found.
    """
    bundle = Bundle.read(path)
    problems = list(file_problems(bundle))
    if problems:
        raise _failed(path, problems)
    problems, checked = [], 0
    for claim in _claims(bundle):
        checked += 1
        try:
            problems += claim()
        except NnefPulseError as error:
            problems.append(str(error))
    if problems:
        raise _failed(path, problems)
    return checked + len(bundle.manifest["files"])


def _failed(path: Path, problems: list[str]) -> VerificationError:
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return VerificationError(f"{path}: {problems[0]}{more}", tuple(problems))


def file_problems(bundle: Bundle) -> Iterator[str]:
    """What differs between a folder's files and its manifest's list of them."""
    listed = {entry["path"]: entry for entry in bundle.manifest["files"]}
    present = {it.name for it in bundle.path.iterdir()} - {bundles.MANIFEST}
    for name in sorted(present - listed.keys()):
        yield f"{name} is in the folder but not in the manifest"
    for name, entry in listed.items():
        if name not in present:
            yield f"{name} is in the manifest but not in the folder"
            continue
        data = bundle.bytes_of(name)
        if len(data) != entry["size"]:
            yield f"{name} has {len(data)} bytes, the manifest says {entry['size']}"
        elif hashlib.sha256(data).hexdigest() != entry["sha256"]:
            yield f"{name} is not the file the manifest was made for: its sha256 differs"
    for name in (bundles.MODEL, bundles.REFERENCE):
        if name not in listed:
            yield f"the manifest lists no {name}"


def _claims(bundle: Bundle) -> Iterator[Callable[[], list[str]]]:
    manifest = bundle.manifest
    yield partial(_same, "id", manifest["id"], bundle.path.absolute().name)
    model = Model(bundle.bytes_of(bundles.MODEL))
    subject = ModelOrBundle(model, model.text.graph, bundle)
    yield partial(_description, subject, manifest)
    yield partial(_tolerance, manifest)
    dims, example = example_of(subject)
    yield partial(_reference, subject, dims, example, manifest)
    for entry in manifest["pulses"]:
        yield partial(_pulse, subject, dims, example, entry, manifest)


def _same(what: str, claimed: Any, found: Any) -> list[str]:
    return [] if claimed == found else [f"{what}: the manifest says {claimed}, the files {found}"]


def _description(it: ModelOrBundle, manifest: Any) -> list[str]:
    ports = {"inputs": it.model.inputs, "outputs": it.model.outputs}
    modes = {name: list(rules) for name, rules in it.graph.modes.items()}
    return [
        *_same("symbols", sorted(manifest["symbols"]), sorted(it.graph.symbols)),
        *_same("asserts", sorted(manifest["asserts"]), sorted(it.graph.asserts)),
        *_same("modes", manifest["modes"], modes),
        *(
            problem
            for key, found in ports.items()
            for problem in _same(
                key,
                [(e["name"], e["fact"]) for e in manifest[key]],
                [(p.name, p.fact) for p in found],
            )
        ),
    ]


def _tolerance(manifest: Any) -> list[str]:
    limits = _limits(manifest)
    problems = []
    for proof in manifest["verified"]:
        allowed = limits.pulsed if proof["claim"] == "pulsed" else limits.whole
        problems += _same(f"{proof['file']}: tolerance", proof["tolerance"], allowed)
        if proof["largestError"] > max(allowed, proof.get("rounding", 0.0)):
            problems.append(f"{proof['file']}: the manifest itself claims an error over its limit")
    return problems


def _limits(manifest: Any) -> Tolerance:
    stated = manifest.get("tolerance", {})
    return Tolerance(stated.get("precision", "f32"), stated.get("requested"))


def _reference(it: ModelOrBundle, dims: DynamicAxes, example: Inputs, manifest: Any) -> list[str]:
    _log.info("comparing the whole model with the reference tensors")
    stored = it.bundle.reference() if it.bundle else {}
    want = {port.name: stored[port.name] for port in it.model.outputs if port.name in stored}
    if len(want) < len({port.name for port in it.model.outputs}):
        return [f"{bundles.REFERENCE} does not hold every output"]
    unknown = sorted(stored.keys() - want.keys() - example.keys())
    if unknown:
        return [f"{bundles.REFERENCE} holds {unknown[0]}, which is no input or output"]
    error, count = compared(run_isolated(run_once, it.model, example), want, bundles.REFERENCE)
    claims = [
        proof
        for proof in manifest["verified"]
        if proof["claim"] == "whole" and proof["again"] and proof["sizes"] == [dict(dims.example)]
    ]
    if not claims:
        return ["the manifest claims nothing about the reference tensors"]
    problems: list[str] = []
    for proof in claims:
        problems += _figures(proof, error, count)
    return problems


def _pulse(
    it: ModelOrBundle, dims: DynamicAxes, example: Inputs, entry: Any, manifest: Any
) -> list[str]:
    _log.info("comparing %s with the whole model", entry["file"])
    assert it.bundle is not None
    pulsed = Pulsed(entry["symbol"], entry["pulse"], Model(it.bundle.bytes_of(entry["file"])))
    claims = [
        proof
        for proof in manifest["verified"]
        if proof["claim"] == "pulsed" and proof["file"] == entry["file"]
    ]
    if not claims:
        return [f"the manifest claims nothing about {entry['file']}"]
    problems = [*_stated(entry, pulsed), *_made_anew(it.model, pulsed, manifest)]
    draw = InputSampler(example, dims.axes)
    for claim in claims if not problems else []:
        variations = claim.get("variations", [LIKE_EXAMPLE] * len(claim["sizes"]))
        if len(variations) != len(claim["sizes"]):
            problems.append(f"{entry['file']}: as many variations as sizes were to be stated")
            continue
        if any(sizes.keys() != dims.example.keys() for sizes in claim["sizes"]):
            problems.append(f"{entry['file']}: a run states no size for some symbol")
            continue
        runs = [Run(*run) for run in zip(claim["sizes"], variations, strict=True)]
        found = run_isolated(prove_stream, it.model, pulsed, runs, draw, _limits(manifest))
        first = pulsed.outputs[0].name
        problems += _same(f"{entry['file']}: warmUp", entry["warmUp"], found.warm_ups[first])
        for stated in entry.get("outputs", []):
            problems += _same(
                f"{entry['file']}: warmUp of {stated['name']}",
                stated["warmUp"],
                found.warm_ups[stated["name"]],
            )
        problems += _figures(claim, found.proof.largest_error, found.proof.compared_length)
        again: dict[str, Any] = found.proof.to_json()
        tails = [proof.get("tail", {}).get("frames") for proof in (claim, again)]
        problems += _same(f"{entry['file']}: tail", *tails)
        for key in ("reach", "states", "seed") if "reach" in claim else ():
            problems += _same(f"{entry['file']}: {key}", claim.get(key), again.get(key))
    return problems


def _stated(entry: Any, pulsed: Pulsed) -> list[str]:
    """What an entry says of a pulsed file that the file itself states."""
    file, facts, timings = entry["file"], pulsed.streaming, pulsed.outputs
    problems = [
        *_same("file", file, pulsed.file),
        *_same(f"{file}: delay", entry["delay"], facts.delay),
        *_same(f"{file}: inputAxes", entry["inputAxes"], list(facts.input_axes)),
        *_same(f"{file}: outputAxes", entry["outputAxes"], list(facts.output_axes)),
    ]
    if "outputs" in entry:
        stated = [(it["name"], it["delay"], it["framesPerPulse"]) for it in entry["outputs"]]
        found = [(it.name, it.delay, it.frames_per_pulse) for it in timings]
        problems += _same(f"{file}: outputs", stated, found)
    return problems


def _made_anew(whole: Model, pulsed: Pulsed, manifest: Any) -> list[str]:
    """The pulsed file is what the engine makes of the whole model, weight by weight.

    Another release of the engine may write other text; then the values have to do.
    """
    if manifest["engine"]["made"] != VERSION:
        return []
    anew = named_like(whole, whole.pulsed(pulsed.symbol, pulsed.pulse))
    found = compare(anew, pulsed.model)
    if not found:
        return []
    kinds = ("properties", "facts", "operations", "tensors", "extensions")
    changed = next((it.name for kind in kinds for it in getattr(found, kind)), "")
    return [f"{pulsed.file} is not what the engine makes of {bundles.MODEL}: {changed} differs"]


def _figures(claim: Any, error: float, count: int) -> list[str]:
    # Another processor sums in another order: the same claim, a digit apart at most.
    what = f"{claim['file']} against {claim['against']}"
    limit = max(claim["tolerance"], claim.get("rounding", 0.0))
    problems = [] if error <= limit else [f"{what}: {error:.1g} apart, over {limit:.0e}"]
    if rounded_up(error) > 10 * claim["largestError"] + 1e-7:
        problems += _same(
            f"{claim['file']}: largestError", claim["largestError"], rounded_up(error)
        )
    return [
        *problems,
        *_same(f"{claim['file']}: comparedLength", claim["comparedLength"], count),
    ]
