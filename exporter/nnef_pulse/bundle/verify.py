"""Checks every claim of a bundle's manifest that its files can answer for."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from nnef_pulse.bundle import files as bundles
from nnef_pulse.bundle.files import Bundle
from nnef_pulse.bundle.model_or_bundle import ModelOrBundle, example_of
from nnef_pulse.engine.model import Model
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.errors import NnefPulseError, VerificationError
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.prove.comparison import WHOLE_TOLERANCE, compared, rounded_up, run_once
from nnef_pulse.prove.sample_inputs import Inputs, InputSampler
from nnef_pulse.prove.streaming import Pulsed, prove_pulsed

_log = logging.getLogger("nnef_pulse")


def verify(path: Path) -> int:
    """Verify a bundle and give the number of claims checked.

    Raises:
        BundleError: there is no bundle to read.
        VerificationError: files and manifest disagree; lists every problem found.
    """
    bundle = Bundle.read(path)
    problems = list(_files(bundle))
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


def _files(bundle: Bundle) -> Iterator[str]:
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


def _reference(it: ModelOrBundle, dims: DynamicAxes, example: Inputs, manifest: Any) -> list[str]:
    _log.info("comparing the whole model with the reference tensors")
    stored = it.bundle.reference() if it.bundle else {}
    want = {port.name: stored[port.name] for port in it.model.outputs if port.name in stored}
    if len(want) < len(it.model.outputs):
        return [f"{bundles.REFERENCE} does not hold every output"]
    error, count = compared(run_isolated(run_once, it.model, example), want, bundles.REFERENCE)
    problems = _held("model.nnef.tgz against its reference", error, WHOLE_TOLERANCE)
    claims = [
        proof
        for proof in manifest["verified"]
        if proof["claim"] == "whole" and proof["again"] and proof["sizes"] == [dict(dims.example)]
    ]
    if not claims:
        return [*problems, "the manifest claims nothing about the reference tensors"]
    for proof in claims:
        problems += _figures(proof, error, count)
    return problems


def _pulse(
    it: ModelOrBundle, dims: DynamicAxes, example: Inputs, entry: Any, manifest: Any
) -> list[str]:
    _log.info("comparing %s with the whole model", entry["file"])
    assert it.bundle is not None
    pulsed = Pulsed(entry["symbol"], entry["pulse"], Model(it.bundle.bytes_of(entry["file"])))
    facts = pulsed.streaming
    problems = [
        *_same("file", entry["file"], pulsed.file),
        *_same(f"{entry['file']}: delay", entry["delay"], facts.delay),
        *_same(f"{entry['file']}: inputAxes", entry["inputAxes"], list(facts.input_axes)),
        *_same(f"{entry['file']}: outputAxes", entry["outputAxes"], list(facts.output_axes)),
    ]
    for port, axis in zip(pulsed.model.inputs, facts.input_axes, strict=True):
        if axis >= 0:
            problems += _same(f"{entry['file']}: pulse", str(entry["pulse"]), port.dims[axis])
    claims = [
        proof
        for proof in manifest["verified"]
        if proof["claim"] == "pulsed" and proof["file"] == entry["file"]
    ]
    if not claims:
        problems.append(f"the manifest claims nothing about {entry['file']}")
    draw = InputSampler(example, dims.axes)
    for claim in claims if not problems else []:
        proof, warm_up = run_isolated(prove_pulsed, it.model, pulsed, claim["sizes"], draw)
        problems += _same(f"{entry['file']}: warmUp", entry["warmUp"], warm_up)
        problems += _figures(claim, proof.largest_error, proof.compared_length)
        frames = proof.tail[0] if proof.tail else None
        problems += _same(
            f"{entry['file']}: tail", claim["tail"]["frames"] if "tail" in claim else None, frames
        )
    return problems


def _figures(claim: Any, error: float, count: int) -> list[str]:
    # Another processor sums in another order: the same claim, a digit apart at most.
    problems = _held(f"{claim['file']} against {claim['against']}", error, claim["tolerance"])
    if claim["largestError"] > claim["tolerance"]:
        problems.append(f"{claim['file']}: the manifest itself claims an error over its tolerance")
    elif rounded_up(error) > 10 * claim["largestError"] + 1e-7:
        problems += _same(
            f"{claim['file']}: largestError", claim["largestError"], rounded_up(error)
        )
    return [
        *problems,
        *_same(f"{claim['file']}: comparedLength", claim["comparedLength"], count),
    ]


def _held(what: str, error: float, tolerance: float) -> list[str]:
    return [] if error <= tolerance else [f"{what}: {error:.1g} apart, over {tolerance:.0e}"]
