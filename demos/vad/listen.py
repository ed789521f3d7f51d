"""Streams the reference through the pulsed model, compares with PyTorch, and finds its spans."""

import array
import json
import struct

import tract

THRESHOLD, RATE = 0.5, 16000
folder = bundle.path  # noqa: F821  # elsewhere: pathlib.Path("silero-vad")


def reference():
    """Shape and items of each reference tensor."""
    data = (folder / "reference.safetensors").read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    for name, entry in json.loads(data[8 : 8 + size]).items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            yield entry["shape"], array.array("f", data[8 + size + start : 8 + size + end])


def spans(probabilities, threshold, silence=4, shortest=8):
    """Start and end in frames: opens at the threshold, closes after a silence below a lower one."""
    start = quiet = None
    for frame, p in enumerate([*probabilities, *[0.0] * (silence + 1)]):
        if p >= threshold:
            start, quiet = frame if start is None else start, None
        elif start is not None and p < max(threshold - 0.15, 0.01):
            quiet = frame if quiet is None else quiet
            if frame - quiet >= silence:
                if quiet - start >= shortest:
                    yield start, quiet
                start = quiet = None


(shape, sound), (_, expected) = sorted(reference(), key=lambda tensor: -len(tensor[1]))
frames, samples = shape

model = tract.nnef().with_pulse().with_tract_extra().load(str(folder / "model.nnef.tgz"))
model.transform(tract.Pulse(1, symbol="T"))
state, probabilities = model.into_runnable().spawn_state(), []
for at in range(0, len(sound), samples):
    pulse = memoryview(sound[at : at + samples].tobytes()).cast("f", [1, samples])
    probabilities += state.run([tract.Tensor.from_numpy(pulse)])[0].to_numpy().tolist()[0]

ms = 1000 * samples / RATE
for start, end in spans(probabilities, THRESHOLD):
    print(f"speech from {start * ms:.0f} to {end * ms:.0f} ms")
error = max(abs(a - b) for a, b in zip(probabilities, expected, strict=True))
print(frames, "probabilities compared with PyTorch, largest difference", f"{error:.1g}")
