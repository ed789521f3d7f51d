"""Pulses the model, streams the reference through it, compares with PyTorch."""

import array
import json
import struct

import tract

PULSE = 8
folder = bundle.path  # noqa: F821  # elsewhere: pathlib.Path("custom-deepspeech")


def reference():
    """Shape and items of each reference tensor."""
    data = (folder / "reference.safetensors").read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    for name, entry in json.loads(data[8 : 8 + size]).items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            yield entry["shape"], array.array("f", data[8 + size + start : 8 + size + end])


def flat(value):
    """A nested list as a flat one."""
    return [item for part in value for item in flat(part)] if isinstance(value, list) else [value]


(shape, given), (answer, expected) = sorted(reference(), key=lambda tensor: -len(tensor[1]))
frames, width, count, classes = shape[1], shape[2], answer[1], answer[2]

model = tract.nnef().with_pulse().with_tract_extra().load(str(folder / "model.nnef.tgz"))
model.transform(tract.SetSymbols({"B": 1}))
print("whole ", model.input_fact(0), "->", model.output_fact(0))
model.transform(tract.Pulse(PULSE, symbol="S"))
delay = model.property("pulse.delay").to_numpy().tolist()[0]
print("pulsed", model.input_fact(0), "->", model.output_fact(0), "delay", delay)

state, stream = model.into_runnable().spawn_state(), []
strip = given[: frames * width] + array.array("f", bytes(4 * PULSE * width * (delay + 1)))
for at in range(0, len(strip) - PULSE * width + 1, PULSE * width):
    part = memoryview(strip[at : at + PULSE * width].tobytes()).cast("f", [1, PULSE, width])
    stream += flat(state.run([tract.Tensor.from_numpy(part)])[0].to_numpy().tolist())

stream = stream[delay * classes :][: count * classes]
error = max(abs(a - b) for a, b in zip(stream, expected[: len(stream)], strict=True))
print(len(stream) // classes, "frames compared with PyTorch, largest difference", f"{error:.1g}")
