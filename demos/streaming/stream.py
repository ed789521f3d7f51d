# Load the model, cut it into pulses, stream the reference through it, compare with PyTorch.
# The same lines run on a desk with PyPI's tract, where `bundle.path` is the bundle's folder.
import array
import json
import struct

import tract

PULSE = 8


def reference():
    data = (bundle.path / "reference.safetensors").read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    for name, it in json.loads(data[8 : 8 + size]).items():
        if name != "__metadata__":
            start, end = it["data_offsets"]
            yield it["shape"], array.array("f", data[8 + size + start : 8 + size + end])


def flat(value):
    return [it for part in value for it in flat(part)] if isinstance(value, list) else [value]


(shape, given), (answer, expected) = sorted(reference(), key=lambda it: -len(it[1]))
frames, width, count, classes = shape[1], shape[2], answer[1], answer[2]

model = tract.nnef().with_pulse().with_tract_extra().load(str(bundle.path / "model.nnef.tgz"))
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
error = max(abs(a - b) for a, b in zip(stream, expected[: len(stream)]))
print(len(stream) // classes, "frames compared with PyTorch, largest difference", f"{error:.1g}")
