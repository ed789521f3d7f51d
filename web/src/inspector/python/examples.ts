/** Example cells. Each is self-contained and meant to be edited. */
export const EXAMPLES: readonly { readonly name: string; readonly code: string }[] = [
  {
    name: "Parameters by op",
    code: `# How many weights each kind of operation reads.
from collections import Counter
from math import prod

counts = Counter()
weights = {it.outputs[0]: prod(it.attributes["shape"])
           for it in graph.operations if it.op == "variable"}
for it in graph.operations:
    for name in it.inputs:
        counts[it.op] += weights.get(name, 0)
table(((op, f"{n:,}") for op, n in counts.most_common() if n), ["op", "parameters"])
`,
  },
  {
    name: "Receptive field",
    code: `# How many input frames one output frame sees, along the axis windows slide over.
field, jump, rows = 1, 1, []
for it in graph.operations:
    size = None
    if it.op == "conv":
        weight = graph.producers[it.inputs[1]]
        size = weight.attributes["shape"][-1]
    elif it.op in ("max_pool", "avg_pool"):
        size = it.attributes["size"][-1]
    if size:
        stride = (it.attributes.get("stride") or [1])[-1]
        field += (size - 1) * jump
        jump *= stride
        rows.append((it.op, it.outputs[0], size, stride, field, jump))
table(rows, ["op", "name", "window", "stride", "field", "step"])
`,
  },
  {
    name: "What keeps state",
    code: `# Every operation that remembers something from one pulse to the next.
keeps = {"tract_pulse_delay": "past frames", "tract_core_scan": "a recurrent state",
         "tract_pulse_pulse_pad": "where the stream began", "tract_pulse_mask": "a counter"}

def inside(operations, depth=0):
    for it in operations:
        if it.op in keeps:
            told = {k: it.attributes[k] for k in ("delay", "overlap", "skip") if k in it.attributes}
            yield it.outputs[0], it.op, keeps[it.op], told or ""
        elif it.op in graph.fragments and depth < 8:
            for found in inside(graph.fragments[it.op].operations, depth + 1):
                yield (f"{it.outputs[0]} / {found[0]}", *found[1:])

table(inside(graph.operations), ["name", "op", "keeps", "how much"])
`,
  },
  {
    name: "A weight's histogram",
    code: `# The largest weight, or the one that is selected.
label = max(bundle.tensors, key=lambda it: bundle.tensors[it].count)
for it in graph.operations:
    if selected in it.outputs and it.op == "variable":
        label = it.attributes["label"]

values = bundle.tensors[label].values()
low, high, bins = min(values), max(values), 40
counts = [0] * bins
for value in values:
    counts[min(bins - 1, int((value - low) / (high - low or 1) * bins))] += 1
print(label, bundle.tensors[label].shape)
bars(counts, [f"{low:.3g}", f"{high:.3g}"], title=label)
`,
  },
  {
    name: "Pulse and run",
    code: `# Loads, pulses, runs and checks a model. The same lines run on a desk with PyPI's tract,
# where MODEL is the file's path.
import array
import tract

MODEL, SYMBOL, PULSE, FRAMES = str(bundle.path / bundle.file), None, 8, 64

def load():
    return tract.nnef().with_pulse().with_tract_extra().load(MODEL)

def noise(shape):
    count, state, values = 1, 1, array.array("f")
    for dim in shape:
        count *= dim
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state / 2**31 - 1)
    return memoryview(values.tobytes()).cast("f", shape)

def flat(value):
    return [it for part in value for it in flat(part)] if isinstance(value, list) else [value]

whole = load()
dims = [str(it) for it in whole.input_fact(0).dims()]
SYMBOL = SYMBOL or [it for it in dims if it.isalpha() and it != "B"][0]
axis = dims.index(SYMBOL)
PULSE = 1 if SYMBOL == "T" else PULSE
if "B" in dims:
    whole.transform(tract.SetSymbols({"B": 1}))
shape = [FRAMES if it == SYMBOL else 1 if it == "B" else int(it) for it in dims]
print("whole ", whole.input_fact(0), "→", whole.output_fact(0))

pulsed = load()
if "B" in dims:
    pulsed.transform(tract.SetSymbols({"B": 1}))
pulsed.transform(tract.Pulse(PULSE, symbol=SYMBOL))
delay = pulsed.property("pulse.delay").to_numpy().tolist()[0]
out_axis = pulsed.property("pulse.output_axes").to_numpy().tolist()[0]
print("pulsed", pulsed.input_fact(0), "→", pulsed.output_fact(0), f"· delay {delay}")

x = noise(shape)
right = flat(whole.into_runnable().run([tract.Tensor.from_numpy(x)])[0].to_numpy().tolist())

frame = 4
for dim in shape[axis + 1:]:
    frame *= dim
assert all(dim == 1 for dim in shape[:axis])
data, state, got = x.tobytes(), pulsed.into_runnable().spawn_state(), []
for at in range(0, FRAMES, PULSE):
    part = memoryview(data[at * frame:(at + PULSE) * frame])
    part = part.cast("f", shape[:axis] + [PULSE] + shape[axis + 1:])
    output = state.run([tract.Tensor.from_numpy(part)])[0].to_numpy()
    got += flat(output.tolist())
    width = len(flat(output.tolist())) // output.shape[out_axis]

got = got[delay * width:]
least = min(len(got), len(right))
error = max(abs(a - b) for a, b in zip(got[:least], right[:least]))
print(f"{least} values compared, largest difference {error:.2g}")
assert error < 1e-4 and least > 0
`,
  },
];
