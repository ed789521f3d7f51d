"""Faults put into what the exporter writes, what the engine makes of it, and how it runs: export
finds every one."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from nnef_pulse.bundle.export import build
from nnef_pulse.engine import native, process
from nnef_pulse.engine.model import Model
from nnef_pulse.errors import NnefPulseError, PulseRefusedError
from nnef_pulse.frontends import pytorch
from nnef_pulse.nnef.archive import Archive
from nnef_pulse.prove import pulsed
from prove.corruptions import DAT_HEADER, TwoHeads


class Residual(nn.Module):
    """A stride, a branch around a convolution, and a square output."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv1d(4, 4, 4, stride=2, padding=1)
        self.inner, self.head = nn.Conv1d(4, 4, 5, padding=2), nn.Linear(4, 4)

    def forward(self, x):
        half = torch.tanh(self.down(x))
        return self.head((half + self.inner(half)).transpose(1, 2))


MODELS = {"heads": TwoHeads, "residual": Residual}


@pytest.fixture(scope="module")
def sources():
    made = {}
    for name, model in MODELS.items():
        torch.manual_seed(0)
        example = {"x": torch.randn(1, 4, 32)}
        made[name] = pytorch.source(model(), example, axes={"x": {2: "S"}})
    return made


def weights(archive):
    return sorted(name for name in archive.files if name.endswith(".dat"))


def on_weight(index, change):
    """A change of the values of one weight."""

    def fault(archive):
        names = [it for it in weights(archive) if len(archive.files[it]) > DAT_HEADER + 8]
        name = names[index % len(names)]
        data = archive.files[name]
        values = np.frombuffer(data[DAT_HEADER:], np.float32)
        return Archive({**archive.files, name: data[:DAT_HEADER] + change(values).tobytes()})

    return fault


def scaled(values):
    return (values * 1.001).astype(np.float32)


def narrowed(values):
    return (values.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)


def transposed(values):
    side = 4
    return np.ascontiguousarray(values.reshape(side, side, -1).transpose(1, 0, 2))


def on_text(pattern, by):
    """A change of the text, which must change it."""

    def fault(archive):
        text, count = re.subn(pattern, by, archive.text, count=1)
        assert count == 1, archive.text
        return archive.with_text(text)

    return fault


def outputs_swapped(archive):
    """Each output under the other's name."""
    head, brace, body = archive.text.partition("{")
    names = {"output_0": "output_1", "output_1": "output_0"}
    return archive.with_text(
        head + brace + re.sub(r"\boutput_[01]\b", lambda it: names[it[0]], body)
    )


def moved(index, step):
    """One number of `pulse.delay` changed."""

    def change(found):
        delays = [int(it) for it in found[2].split(",")]
        delays[index] += step
        return f"{found[1]}[{', '.join(map(str, delays))}]"

    return on_text(r'("pulse\.delay", tract_core_cast\()\[([^\]]*)\]', change)


WHOLE = {
    **{f"heads: weight {i} scaled": ("heads", on_weight(i, scaled)) for i in range(8)},
    **{f"residual: weight {i} scaled": ("residual", on_weight(i, scaled)) for i in range(6)},
    **{f"heads: weight {i} narrowed": ("heads", on_weight(i, narrowed)) for i in range(1, 8, 2)},
    **{f"residual: weight {i} narrowed": ("residual", on_weight(i, narrowed)) for i in (1, 3, 5)},
    "far padding moved": ("heads", on_text(r"\(4, 4\)", "(5, 3)")),
    "near padding moved": ("heads", on_text(r"\(1, 1\)", "(2, 0)")),
    "outputs swapped": ("heads", outputs_swapped),
    "stride lost": ("residual", on_text(r"stride = \[2\]", "stride = [1]")),
    "inner padding moved": ("residual", on_text(r"\(2, 2\)", "(1, 3)")),
    "branch dropped": ("residual", on_text(r"= add\((\w+), (\w+)\)", r"= add(\1, \1)")),
    "other branch dropped": ("residual", on_text(r"= add\((\w+), (\w+)\)", r"= add(\2, \2)")),
    "tanh dropped": ("residual", on_text(r"= tanh\((\w+)\)", r"= copy(\1)")),
}
PULSED = {
    **{f"heads: pulsed weight {i} scaled": ("heads", on_weight(i, scaled)) for i in range(6)},
    **{f"residual: pulsed weight {i} scaled": ("residual", on_weight(i, scaled)) for i in range(4)},
    **{f"heads: delay {i} {step:+}": ("heads", moved(i, step)) for i in (0, 1) for step in (-1, 1)},
    "residual: delay +1": ("residual", moved(0, 1)),
    "pulsed outputs swapped": ("heads", on_text(r"\(output_0, output_1\)", "(output_1, output_0)")),
}


def frames_of(array):
    return int(np.argmax(array.shape))


RUN = {
    "outputs swapped": lambda outs, n: outs[::-1],
    "output scaled": lambda outs, n: [outs[0] * np.float32(1.001), outs[1]],
    "second output scaled": lambda outs, n: [outs[0], outs[1] * np.float32(1.001)],
    "axis transposed": lambda outs, n: [outs[0].transpose(0, 2, 1), outs[1]],
    "frames reversed": lambda outs, n: [outs[0][:, :, ::-1].copy(), outs[1]],
    "narrowed": lambda outs, n: [narrowed(outs[0].copy()), outs[1]],
    "another dtype": lambda outs, n: [outs[0].astype(np.float64), outs[1]],
    "a frame lost in each pulse": lambda outs, n: [outs[0][:, :, :-1], outs[1]],
    "a frame lost at the end": lambda outs, n: [outs[0][:, :, : 3 if n >= 9 else 4], outs[1]],
    "a frame too many": lambda outs, n: [np.concatenate([outs[0], outs[0]], 2), outs[1]],
    "one pulse silent": lambda outs, n: [outs[0] * np.float32(n != 5), outs[1]],
    "one value not a number": lambda outs, n: [
        np.where(n == 5, np.float32("nan"), outs[0]).astype(np.float32),
        outs[1],
    ],
    "an output lost": lambda outs, n: outs[:1],
    "one bit of one pulse": lambda outs, n: [outs[0] + np.float32(1e-3 * (n == 6)), outs[1]],
}


@pytest.fixture(autouse=True)
def in_place(monkeypatch):
    """The engine in this process, where faults can be put into it, and no search for causes."""

    def undiagnosed(whole, dims, symbol, pulse, problem, draw, tolerance, steps=None):
        return PulseRefusedError(str(problem))

    monkeypatch.setattr(process, "inside_worker", True)
    monkeypatch.setattr(pulsed, "diagnose", undiagnosed)


def export(source, out):
    return build(source, out / "faulty", pulses={"S": 4}, card={})


@pytest.mark.parametrize("name", MODELS)
def test_without_a_fault_it_is_exported(sources, tmp_path, name):
    assert export(sources[name], tmp_path).manifest["pulses"]


@pytest.mark.parametrize("name", WHOLE)
def test_a_fault_of_the_exporter_is_found(sources, tmp_path, name):
    model, fault = WHOLE[name]
    source = sources[model]
    with pytest.raises(NnefPulseError):
        export(replace(source, archive=fault(source.archive)), tmp_path)


@pytest.mark.parametrize("name", PULSED)
def test_a_fault_of_pulsing_is_found(sources, tmp_path, monkeypatch, name):
    model, fault = PULSED[name]

    def faulty(_whole, it):
        return Model(fault(Archive.from_bytes(it.archive)).to_bytes())

    monkeypatch.setattr(pulsed, "named_like", faulty)
    with pytest.raises(NnefPulseError):
        export(sources[model], tmp_path)


class Faulty:
    """A stream that changes what each pulse gives."""

    def __init__(self, stream, change):
        self.stream, self.change, self.pulses = stream, change, 0

    def run(self, inputs):
        outputs = self.stream.run(inputs)
        if inputs[0].shape[2] != 4:
            return outputs
        self.pulses += 1
        return self.change(outputs, self.pulses - 1)


@pytest.mark.parametrize("name", RUN)
def test_a_fault_of_running_is_found(sources, tmp_path, monkeypatch, name):
    spawn = native.Runnable.stream
    monkeypatch.setattr(native.Runnable, "stream", lambda it: Faulty(spawn(it), RUN[name]))
    with pytest.raises(NnefPulseError):
        export(sources["heads"], tmp_path)


def test_a_state_that_is_not_reset_is_found(sources, tmp_path, monkeypatch):
    spawn, kept = native.Runnable.stream, {}
    monkeypatch.setattr(
        native.Runnable, "stream", lambda it: kept.setdefault(id(it), (it, spawn(it)))[1]
    )
    with pytest.raises(NnefPulseError):
        export(sources["heads"], tmp_path)
