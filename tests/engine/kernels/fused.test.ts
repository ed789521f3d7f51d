// What wasm/src/workarounds/fused runs as one operator of its own, against tract's operators one by one.

import { loadTract, type Tract, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { largestError } from "../../conformance/tensors.mjs";
import { archive, dat, type Graph } from "../archives.js";
import { noise as evenNoise } from "../random.js";

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Values between -2 and 2. */
const noise = (length: number, seed: number) => evenNoise(length, seed, 2);

/** Runs a graph as planned, and as written; the plan has `op` once, or not at all. */
async function compare(
  graph: Graph,
  shapes: Record<string, readonly number[]>,
  {
    op,
    times = 1,
    tensors = {},
  }: { op: string; times?: number; tensors?: Record<string, Uint8Array> },
) {
  const model = await tract.load(archive(graph, tensors));
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], k) => [
      name,
      tensor(noise(size(shape), k + 1), shape),
    ]),
  );
  const planned = model.prepare();
  const { y } = planned.run(inputs);
  const { y: expected } = model.prepare({ optimize: false }).run(inputs);
  expect(y?.shape).toEqual(expected?.shape);
  expect(largestError(y?.data as Float32Array, expected?.data as Float32Array)).toBeLessThan(2e-5);
  const { nodes } = planned.profile(inputs, { rounds: 1 });
  expect(nodes.filter((node) => node.op === op)).toHaveLength(times);
}

/** Attention of that many heads, as transformers spell it. */
const attention = (heads: number, wide: number, out: number, mask?: string): Graph => ({
  extensions: ["tract_symbol S", "tract_symbol T"],
  inputs: {
    q: `${heads},S,${wide},f32`,
    k: `${heads},T,${wide},f32`,
    v: `${heads},T,${out},f32`,
    ...(mask && { mask: `${mask},f32` }),
  },
  body: `  turned = transpose(k, axes = [0, 2, 1]);
  scores = matmul(q, turned) / 1.7;
  weights = softmax(${mask ? "scores + mask" : "scores"}, axes = [2]);
  y = matmul(weights, v);`,
  outputs: ["y"],
});

test.each([
  { heads: 1, queries: 1, keys: 1, wide: 1, out: 1 },
  { heads: 2, queries: 3, keys: 7, wide: 5, out: 3 },
  { heads: 4, queries: 1, keys: 41, wide: 32, out: 32 },
  { heads: 3, queries: 17, keys: 18, wide: 16, out: 20 },
  { heads: 1, queries: 2, keys: 70, wide: 9, out: 33 },
])("attention: %o", async ({ heads, queries, keys, wide, out }) => {
  const shapes = { q: [heads, queries, wide], k: [heads, keys, wide], v: [heads, keys, out] };
  await compare(attention(heads, wide, out), shapes, { op: "Attention" });
});

test.each([
  { fact: "1,S,T", shape: [1, 3, 6] },
  { fact: "2,S,T", shape: [2, 3, 6] },
  { fact: "2,1,T", shape: [2, 1, 6] },
  { fact: "1,1,T", shape: [1, 1, 6] },
  { fact: "2,S,1", shape: [2, 3, 1] },
])("attention with a mask of $fact", async ({ fact, shape }) => {
  const shapes = { q: [2, 3, 8], k: [2, 6, 8], v: [2, 6, 8], mask: shape };
  await compare(attention(2, 8, 8, fact), shapes, { op: "Attention" });
});

test("what a mask takes away weighs nothing", async () => {
  const model = await tract.load(archive(attention(1, 4, 1, "1,1,T"), {}));
  const run = (mask: number[]) =>
    model.prepare().run({
      q: tensor(noise(4, 1), [1, 1, 4]),
      k: tensor(noise(12, 2), [1, 3, 4]),
      v: tensor(Float32Array.of(1, 2, 1e30), [1, 3, 1]),
      mask: tensor(Float32Array.from(mask), [1, 1, 3]),
    }).y?.data[0];
  expect(run([0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBe(1);
  expect(run([-1e9, 0, -1e9])).toBe(2);
});

test("keys that all queries share are left to tract", async () => {
  const graph = attention(2, 4, 4);
  const shapes = { q: [2, 3, 4], k: [1, 5, 4], v: [2, 5, 4] };
  const inputs = { ...graph.inputs, k: "1,T,4,f32" };
  await compare({ ...graph, inputs }, shapes, { op: "Attention", times: 0 });
});

/** In the words of the exporter. */
const layerNorm = (axis: number, wide: number, y = "apart * over * scale + shift"): Graph => ({
  extensions: ["tract_symbol S"],
  inputs: { x: `2,S,${wide},f32` },
  body: `  scale = variable<scalar>(label = "scale", shape = [1, 1, ${wide}]);
  shift = variable<scalar>(label = "shift", shape = [1, 1, ${wide}]);
  mean = sum_reduce(x, axes = [${axis}], normalize = true);
  apart = x - mean;
  over = rsqrt(sum_reduce(sqr(apart), axes = [${axis}], normalize = true) + 0.001);
  y = ${y};`,
  outputs: ["y"],
});

test.each([1, 3, 4, 64, 130])("layer normalisation of %i places", async (wide) => {
  const tensors = {
    "scale.dat": dat([1, 1, wide], [...noise(wide, 5)]),
    "shift.dat": dat([1, 1, wide], [...noise(wide, 6)]),
  };
  const times = wide > 1 ? 1 : 0;
  await compare(layerNorm(2, wide), { x: [2, 3, wide] }, { op: "LayerNorm", times, tensors });
});

test.each(["apart * over", "apart * over * scale", "apart * over + shift"])(
  "layer normalisation: %s",
  async (y) => {
    const tensors = {
      "scale.dat": dat([1, 1, 5], [...noise(5, 5)]),
      "shift.dat": dat([1, 1, 5], [...noise(5, 6)]),
    };
    await compare(layerNorm(2, 5, y), { x: [2, 3, 5] }, { op: "LayerNorm", tensors });
  },
);

/** Two inputs of open sizes, one number each or as many as the other has. */
const pairwise = (y: string, a: string, b: string): Graph => ({
  extensions: ["tract_symbol S", "tract_symbol T"],
  inputs: { a: `${a},f32`, b: `${b},f32` },
  body: `  y = ${y};`,
  outputs: ["y"],
});

test.each(["a + b", "a - b", "a * b", "b - a"])("%s, broadcast as it may be", async (y) => {
  const sizes = { S: 3, T: 9 };
  const shapes = ["S,T,4", "1,T,4", "S,1,4", "S,T,1", "1,1,4", "1,T,1", "S,1,1", "1,1,1"];
  const shape = (fact: string) =>
    fact.split(",").map((dim) => sizes[dim as keyof typeof sizes] ?? Number(dim));
  const op = `Opt${{ "+": "Add", "-": "Sub", "*": "Mul" }[y[2] as "+" | "-" | "*"]}`;
  const found: string[] = [];
  for (const a of shapes) {
    for (const b of shapes) {
      const given = {
        a: tensor(noise(size(shape(a)), 1), shape(a)),
        b: tensor(noise(size(shape(b)), 2), shape(b)),
      };
      const model = await tract.load(archive(pairwise(y, a, b), {}));
      const planned = model.prepare();
      const expected = model.prepare({ optimize: false }).run(given).y;
      expect(planned.run(given).y, `${a} and ${b}`).toEqual(expected);
      found.push(...planned.profile(given, { rounds: 1 }).nodes.map((node) => node.op));
    }
  }
  expect(found.filter((one) => one === op).length).toBeGreaterThan(30);
});

test("nothing is added to nothing", async () => {
  const model = await tract.load(archive(pairwise("a + b", "S,T,4", "1,T,4"), {}));
  const none = new Float32Array();
  const { y } = model.prepare().run({
    a: tensor(none, [0, 2, 4]),
    b: tensor(noise(8, 1), [1, 2, 4]),
  });
  expect(y?.shape).toEqual([0, 2, 4]);
  const { y: neither } = model.prepare().run({
    a: tensor(none, [3, 0, 4]),
    b: tensor(none, [1, 0, 4]),
  });
  expect(neither?.shape).toEqual([3, 0, 4]);
});

/** Pairs of halves turned; `second` is the last sum, in which a sign or a side may be wrong. */
const rotary = (wide: number, second: string): Graph => ({
  extensions: ["tract_symbol S"],
  inputs: { x: `2,S,${2 * wide},f32`, c: `1,S,${wide},f32`, s: `1,S,${wide},f32` },
  body: `  a = slice(x, axes = [2], begin = [0], end = [${wide}]);
  b = slice(x, axes = [2], begin = [${wide}], end = [${2 * wide}]);
  y = concat([a * c - b * s, ${second}], axis = 2);`,
  outputs: ["y"],
});

test.each([1, 3, 16, 18])("rotary positions of %i pairs", async (wide) => {
  const shapes = { x: [2, 5, 2 * wide], c: [1, 5, wide], s: [1, 5, wide] };
  await compare(rotary(wide, "a * s + b * c"), shapes, { op: "Rotary" });
});

test.each(["a * c + b * s", "a * s + b * s", "b * c - a * s"])(
  "no rotation: %s",
  async (second) => {
    const shapes = { x: [2, 5, 8], c: [1, 5, 4], s: [1, 5, 4] };
    await compare(rotary(4, second), shapes, { op: "Rotary", times: 0 });
  },
);

/** A rotation whose cosines are computed twice, each step of two the same. */
const computedTwice = (steps: number): Graph => {
  const graph = rotary(4, `a * s + b * second${steps}`);
  const chain = (name: string) =>
    Array.from(
      { length: steps },
      (_, k) => `${name}${k + 1} = min(${name}${k}, ${name}${k});`,
    ).join("\n");
  const cosines = `first0 = c * s;\nsecond0 = c * s;\n${chain("first")}\n${chain("second")}\n`;
  return { ...graph, body: cosines + graph.body.replace("a * c", `a * first${steps}`) };
};

test("angles computed twice are the same, unless there are too many ways back to tell", async () => {
  const shapes = { x: [2, 5, 8], c: [1, 5, 4], s: [1, 5, 4] };
  await compare(computedTwice(1), shapes, { op: "Rotary" });
  await compare(computedTwice(60), shapes, { op: "Rotary", times: 0 });
});

const linear = (inputs: number, outputs: number): Graph => ({
  extensions: ["tract_symbol S"],
  inputs: { x: `1,S,${inputs},f32` },
  body: `  weights = variable<scalar>(label = "weights", shape = [1, ${inputs}, ${outputs}]);
  bias = variable<scalar>(label = "bias", shape = [1, 1, ${outputs}]);
  y = matmul(x, weights) + bias;`,
  outputs: ["y"],
});

test.each([
  [1, 1],
  [5, 3],
  [33, 40],
  [64, 64],
  [130, 77],
])("rows of %i numbers to %i: alone as among others, bit by bit", async (inputs, outputs) => {
  const tensors = {
    "weights.dat": dat([1, inputs, outputs], [...noise(inputs * outputs, 7)]),
    "bias.dat": dat([1, 1, outputs], [...noise(outputs, 8)]),
  };
  const graph = linear(inputs, outputs);
  await compare(graph, { x: [1, 7, inputs] }, { op: "Linear", tensors });
  const runnable = (await tract.load(archive(graph, tensors))).prepare();
  const run = (x: Float32Array, rows: number) =>
    Array.from(runnable.run({ x: tensor(x, [1, rows, inputs]) }).y?.data as Float32Array);
  const x = noise(7 * inputs, 9);
  const alone = Array.from({ length: 7 }, (_, row) =>
    run(x.slice(row * inputs, (row + 1) * inputs), 1),
  );
  expect(run(x, 7)).toEqual(alone.flat());
});
