"""Holds what an engine wrote, and how it pulsed, to native tract.

    python tests/conformance/reload.py CASES FORMS

CASES is the folder make_cases.py made, FORMS a JSON file of what write-cases.mjs gave. Prints, as
JSON, a row for each comparison: `what`, `error`, `compared`, `tolerance`.
"""

import base64
import json
import sys
from pathlib import Path

import numpy as np
import safetensors.numpy

from nnef_pulse.engine.model import Model

# Two builds of the same engine with other kernels: they add in another order.
TOLERANCE = 1e-4


def side(tensors, run, which):
    prefix = f"{run}.{which}."
    return {key[len(prefix) :]: it for key, it in tensors.items() if key.startswith(prefix)}


def error_between(found, expected):
    if found.shape != expected.shape:
        raise SystemExit(f"{found.shape} instead of {expected.shape}")
    gaps = np.abs(found.astype(np.float64) - expected.astype(np.float64))
    return float(np.where(np.isnan(gaps), np.inf, gaps).max())


def row(what, found, expected):
    error = error_between(found, expected)
    return {"what": what, "error": error, "compared": expected.size, "tolerance": TOLERANCE}


def facts(model):
    return {
        "inputs": [port.fact for port in model.inputs],
        "outputs": [port.fact for port in model.outputs],
    }


def in_order(model, inputs):
    return [inputs[port.name] for port in model.inputs]


def frames(signal, axis, start, end):
    """Frames of a signal; those past its end are NaN."""
    inside = signal.take(range(min(start, signal.shape[axis]), min(end, signal.shape[axis])), axis)
    missing = end - start - inside.shape[axis]
    widths = [(0, missing if at == axis else 0) for at in range(signal.ndim)]
    return np.pad(inside, widths, constant_values=np.nan)


def streamed(model, signal, pulse, wanted):
    """The stream's output after the delay."""
    facts = model.streaming
    into, out = facts.input_axes[0], facts.output_axes[0]
    stream = model.prepared().stream()
    parts, got, at = [], 0, 0
    while got < facts.delay + wanted:
        [part] = stream.run([frames(signal, into, at, at + pulse)])
        parts.append(part)
        got += part.shape[out]
        at += pulse
    return np.concatenate(parts, out).take(range(facts.delay, facts.delay + wanted), out)


def whole_rows(what, form, native, tensors, runs):
    if "archive" not in form:
        return []
    again = Model(base64.b64decode(form["archive"]))
    rows = []
    for run in range(runs):
        inputs = side(tensors, run, "in")
        expected = native.prepared().run(in_order(native, inputs))
        found = again.prepared().run(in_order(again, inputs))
        for port, one, other in zip(native.outputs, found, expected, strict=True):
            rows.append(row(f"{what} written and reloaded, {port.name}, run {run}", one, other))
    return rows


def pulsed_rows(what, form, native, tensors):
    it = form["pulsed"]
    stream = it["stream"]
    model = native.pulsed(stream["symbol"], stream["pulse"])
    if facts(model) != form["facts"] or model.streaming.delay != it["delay"]:
        told = (form["facts"], it["delay"])
        raise SystemExit(f"{what}: {told} instead of {(facts(model), model.streaming.delay)}")
    [signal] = side(tensors, stream["run"], "in").values()
    expected = streamed(model, signal, stream["pulse"], it["frames"])
    given = np.array(it["values"], np.float64).reshape(expected.shape)
    rows = [row(f"{what} pulsed here and natively, delay {it['delay']}", given, expected)]
    if "archive" in form:
        again = Model(base64.b64decode(form["archive"]))
        if facts(again) != form["facts"] or again.streaming != model.streaming:
            raise SystemExit(f"{what}: reloaded, it is {facts(again)}, {again.streaming}")
        found = streamed(again, signal, stream["pulse"], it["frames"])
        rows.append(row(f"{what} written and reloaded", found, expected))
    return rows


def main(cases, forms):
    runs = {
        it["name"]: it["runs"] for it in json.loads((cases / "cases.json").read_text())["cases"]
    }
    rows = []
    for form in json.loads(forms.read_text()):
        name = form["case"]
        what = f"{name} {form['form']}"
        tensors = safetensors.numpy.load((cases / name / "runs.safetensors").read_bytes())
        native = Model((cases / name / "model.nnef.tgz").read_bytes())
        if "pulsed" in form:
            rows += pulsed_rows(what, form, native, tensors)
        else:
            if facts(native) != form["facts"]:
                raise SystemExit(f"{what}: {form['facts']} instead of {facts(native)}")
            rows += whole_rows(what, form, native, tensors, runs[name])
    print(json.dumps(rows))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: reload.py CASES FORMS")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
