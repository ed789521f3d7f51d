"""Asks the model a sum, passes the cache on with each token, compares a step with PyTorch."""

import array
import ctypes
import json
import struct

import tract

QUESTION = "27+45="
VOCABULARY = "0123456789+=;"
folder = bundle.path  # noqa: F821  # elsewhere: pathlib.Path("kv-cache-lm")

model = tract.nnef().with_tract_extra().load(str(folder / "model.nnef.tgz"))
print("takes", model.input_fact(0), "after", model.input_fact(1), "twice: keys and values")
layers, heads, width = (int(model.input_fact(1).dim(axis)) for axis in (0, 1, 3))
runnable = model.into_runnable()


def tensor(items, shape):
    """A tensor of an array."""
    return tract.Tensor.from_numpy(memoryview(items.tobytes()).cast(items.typecode, shape))


def read(text, keys, values):
    """Logits after the last token, and the cache with the new tokens."""
    tokens = tensor(array.array("q", map(VOCABULARY.index, text)), [1, len(text)])
    logits, keys, values = runnable.run([tokens, keys, values])
    return logits.to_numpy().tolist()[0][-1], keys, values


# The cache has no position yet. A memoryview cast cannot have a size of 0; a ctypes array can.
empty = tract.Tensor.from_numpy(memoryview((ctypes.c_float * width * 0 * heads * layers)()))
new, line, keys, values = QUESTION, QUESTION, empty, empty
while len(line) < len(QUESTION) + 3:
    past = len(line) - len(new)
    logits, keys, values = read(new, keys, values)
    new = VOCABULARY[logits.index(max(logits))]
    line += new
    print(f"P={past} S={len(line) - past - 1} -> {new}")
print(line)

# The reference: a cache, a token, and the logits of PyTorch.
data = (folder / "reference.safetensors").read_bytes()
(size,) = struct.unpack("<Q", data[:8])
known = {}
for name, entry in json.loads(data[8 : 8 + size]).items():
    if name != "__metadata__":
        start, end = (8 + size + at for at in entry["data_offsets"])
        known[name] = (
            array.array({"I64": "q", "F32": "f"}[entry["dtype"]], data[start:end]),
            entry["shape"],
        )
token = VOCABULARY[known["tokens"][0][0]]
logits, _, _ = read(token, tensor(*known["past_keys"]), tensor(*known["past_values"]))
expected = known["logits"][0]
error = max(abs(a - b) for a, b in zip(logits, expected, strict=True))
print(len(logits), "logits compared with PyTorch, largest difference", f"{error:.1g}")
