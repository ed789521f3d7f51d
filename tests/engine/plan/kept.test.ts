// Graphs that tract pulses or fixes wrongly, each as small as it could be made; reports/ says of each what
// happens. None may give a wrong value.

import { existsSync, readFileSync } from "node:fs";
import { loadTract, PulseError, RunError, type Tract, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inRoot } from "../../../setup/paths.mjs";
import { largestError } from "../../conformance/tensors.mjs";
import { archive, dat } from "../archives.js";

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

const STEP =
  "fragment step(sum: tensor<scalar>, x: tensor<scalar>) -> (next: tensor<scalar>)\n" +
  "{ next = sum + x; }\n";

test("a scan that runs backwards is refused by name (reports/backward-scan.md)", async () => {
  const bytes = archive(
    {
      extensions: ["tract_symbol S", "tract_registry tract_pulse"],
      fragments: [STEP],
      inputs: { x: "S,1,f32" },
      body: `  zero = variable<scalar>(label = "zero", shape = [1, 1]);
  y = tract_core_scan(body = "step", scan = [("x", x, 0, -1)], full = [],
      state = [("sum", zero, "next")], output = [("next", "full", 0, -1)], skip = 0);`,
      outputs: ["y"],
    },
    { "zero.dat": dat([1, 1], [0]) },
  );
  const model = await tract.load(bytes);
  const { y } = model.prepare().run({ x: tensor(Float32Array.of(1, 2, 3, 4, 5, 6), [6, 1]) });
  expect([...(y?.data ?? [])]).toEqual([21, 20, 18, 15, 11, 6]);
  const pulsing = () => model.pulse("S", 2);
  expect(pulsing).toThrow(PulseError);
  const message = expect.stringMatching(/\by\b/);
  expect(pulsing).toThrow(expect.objectContaining({ code: "pulse", possible: [], message }));
});

test("a scan behind a delay, downsampled, is refused when optimised (reports/downsampled-scan.md)", async () => {
  const bytes = archive(
    {
      extensions: ["tract_symbol S", "tract_registry tract_pulse"],
      fragments: [STEP],
      inputs: { x: "1,1,S,f32" },
      body: `  w = variable<scalar>(label = "w", shape = [1, 1, 2]);
  zero = variable<scalar>(label = "zero", shape = [1, 1, 1]);
  late = conv(x, w, 0.0, padding = [(0, 0)], stride = [1], dilation = [1], border = "constant", groups = 1);
  sums = tract_core_scan(body = "step", scan = [("x", late, 2, 1)], full = [],
      state = [("sum", zero, "next")], output = [("next", "full", 2, 1)], skip = 0);
  y = tract_core_downsample(sums, axis = 2, stride = 3, modulo = 0);`,
      outputs: ["y"],
    },
    { "w.dat": dat([1, 1, 2], [1, 1]), "zero.dat": dat([1, 1, 1], [0]) },
  );
  const model = await tract.load(bytes);
  const frames = Float32Array.from({ length: 12 }, (_, ix) => ix + 1);
  const { y } = model.prepare().run({ x: tensor(frames, [1, 1, 12]) });
  const pulsed = model.pulse("S", 3);
  expect(() => pulsed.prepare()).toThrow(RunError);
  const state = pulsed.prepare({ optimize: false }).spawnState();
  const [delay = 0] = pulsed.properties["pulse.delay"] as number[];
  const streamed = [0, 3, 6, 9, 12].flatMap((at) => {
    const pulse = Float32Array.from({ length: 3 }, (_, ix) => frames[at + ix] ?? Number.NaN);
    return [...(state.run({ x: tensor(pulse, [1, 1, 3]) }).y?.data ?? [])];
  });
  const whole = [...(y?.data ?? [])];
  expect(whole).toHaveLength(4);
  expect(streamed.slice(delay, delay + whole.length)).toEqual(whole);
});

const lm = inRoot("dist", "bundles", "kv-cache-lm", "model.nnef.tgz");

test.skipIf(!existsSync(lm))(
  "a language model with its cache fixed to nothing runs (reports/empty-axis.md)",
  async () => {
    const model = await tract.load(new Uint8Array(readFileSync(lm)));
    const fixed = model.setSymbols({ P: 0 }).prepare();
    const free = model.prepare();
    for (const tokens of [1, 6]) {
      const inputs = Object.fromEntries(
        model.inputs.map(({ name, dtype, shape }) => {
          const sizes = shape.map((dim) => (dim === "S" ? tokens : dim === "P" ? 0 : Number(dim)));
          const count = sizes.reduce((a, b) => a * b, 1);
          const data =
            dtype === "i64" ? new BigInt64Array(count).fill(3n) : new Float32Array(count);
          return [name, tensor(data, sizes)];
        }),
      );
      const [found, expected] = [fixed.run(inputs), free.run(inputs)];
      for (const [name, { data, shape }] of Object.entries(expected)) {
        expect(found[name]?.shape).toEqual(shape);
        expect(largestError(found[name]?.data ?? [], data)).toBeLessThanOrEqual(1e-5);
      }
    }
  },
);
