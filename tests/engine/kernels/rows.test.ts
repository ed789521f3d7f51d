// wasm/rows and the half tile, compiled to WebAssembly, against plain loops in double precision.

import { beforeAll, expect, test } from "vitest";
import { noise, random } from "../random.js";
import { kernelsUnderTest } from "./build.mjs";

type Numbers = readonly number[];
const CASES = 30;

let memory: WebAssembly.Memory;
let exports: Record<string, (...args: number[]) => number>;
beforeAll(async () => {
  const instance = await kernelsUnderTest();
  memory = instance.exports.memory as WebAssembly.Memory;
  exports = instance.exports as typeof exports;
}, 300_000);

const call = (name: string, ...args: number[]): number =>
  (exports[name] as (...args: number[]) => number)(...args);

/** Copies values into the module; returns their address. */
function put(values: Numbers | Float32Array | Uint32Array): number {
  const at = call("reserve", values.length);
  const Values = values instanceof Uint32Array ? Uint32Array : Float32Array;
  new Values(memory.buffer, at, values.length).set(values);
  return at;
}

const get = (at: number, count: number): number[] =>
  Array.from(new Float32Array(memory.buffer, at, count));

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** Compares values within some units of f32 precision of their largest magnitude. */
function expectClose(found: Numbers, expected: Numbers, units = 8) {
  expect(found.length).toBe(expected.length);
  const largest = Math.max(1e-30, ...expected.map(Math.abs));
  found.forEach((value, k) => {
    const error = Math.abs(value - Number(expected[k]));
    expect(error / largest, `value ${k} of ${found.length}`).toBeLessThanOrEqual(units * 2 ** -24);
  });
}

/** Random sizes around the lanes' 4 and 16, and random values. */
const cases = range(CASES).map((seed) => {
  const below = random(seed);
  const size = () => 1 + below(below(3) === 0 ? 70 : 19);
  let next = seed * 100;
  const row = (count: number, largest = 2) => Array.from(noise(count, next++, largest));
  return { seed, below, size, row };
});

/** f32 values of a row, as the module sees them. */
const at = (row: Numbers, k: number) => Number(row[k]);

test.each(cases)("layer_norm: seed $seed", ({ size, row }) => {
  const count = size();
  const [x, scale, shift, eps] = [row(count), row(count), row(count), 0.25];
  const [a, b, c] = [put(x), put(scale), put(shift)];
  call("layer_norm", a, count, eps, b, c);
  const mean = x.reduce((sum, value) => sum + value, 0) / count;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const expected = x.map(
    (value, k) => ((value - mean) / Math.sqrt(variance + eps)) * at(scale, k) + at(shift, k),
  );
  expectClose(get(a, count), expected, 16);
});

test.each(cases)("gather: seed $seed", ({ below, size, row }) => {
  const [length, count] = [size(), size()];
  const input = row(length);
  // One index in four is out of range.
  const indices = range(count).map(() => (below(4) === 0 ? 2 ** 32 - 1 - below(9) : below(length)));
  const to = put(row(count));
  call("gather", put(input), length, put(Uint32Array.from(indices)), count, to);
  expect(get(to, count)).toEqual(indices.map((index) => input[index] ?? 0));
});

test.each(cases)("rope: seed $seed, and it keeps lengths", ({ size, row }) => {
  const half = size();
  const x = row(2 * half);
  const angles = row(half, Math.PI);
  const cosines = Array.from(Float32Array.from(angles, Math.cos));
  const sines = Array.from(Float32Array.from(angles, Math.sin));
  const a = put(x);
  call("rope", a, 2 * half, put(cosines), put(sines));
  const left = range(half).map((k) => at(x, k) * at(cosines, k) - at(x, half + k) * at(sines, k));
  const right = range(half).map((k) => at(x, k) * at(sines, k) + at(x, half + k) * at(cosines, k));
  const found = get(a, 2 * half);
  expectClose(found, [...left, ...right]);
  const lengths = (row: Numbers) =>
    range(half).map((k) => Math.hypot(at(row, k), at(row, half + k)));
  expectClose(lengths(found), lengths(x));
});

test.each(cases)("dot_products: seed $seed", ({ size, row }) => {
  const [width, count] = [size(), size()];
  const [x, matrix] = [row(width), row(width * count)];
  const to = put(row(count));
  call("dot_products", put(x), width, put(matrix), count, to);
  const expected = range(count).map((n) =>
    x.reduce((sum, value, k) => sum + value * at(matrix, n * width + k), 0),
  );
  expectClose(get(to, count), expected, 4 * width);
});

test.each(cases)("softmax_exp: seed $seed, a probability whatever is added", ({ size, row }) => {
  const count = size();
  const x = row(count, 30);
  const a = put(x);
  const sum = call("softmax_exp", a, count);
  const max = Math.max(...x);
  const expected = x.map((value) => Math.exp(value - max));
  const total = expected.reduce((all, value) => all + value, 0);
  expectClose(get(a, count), expected, 64);
  expectClose([sum / total], [1], 64);
  // The shift is exact in f32.
  const shifted = put(x.map((value) => Math.round(value * 64) / 64 + 256));
  const unshifted = put(x.map((value) => Math.round(value * 64) / 64));
  call("softmax_exp", shifted, count);
  call("softmax_exp", unshifted, count);
  expect(get(shifted, count)).toEqual(get(unshifted, count));
});

test("softmax_exp of masked values is 0", () => {
  for (const count of [2, 4, 5, 9]) {
    const x = [0, ...range(count - 1).map((k) => (k % 2 ? Number.NEGATIVE_INFINITY : -1e9))];
    const a = put(x);
    expect(call("softmax_exp", a, count)).toBe(1);
    expect(get(a, count)).toEqual([1, ...range(count - 1).map(() => 0)]);
  }
});

test.each(cases)("weighted_sum: seed $seed", ({ size, row }) => {
  const [count, width, factor] = [size(), size(), 0.75];
  const [weights, matrix] = [row(count), row(count * width)];
  const to = put(row(width));
  call("weighted_sum", put(weights), count, put(matrix), factor, to, width);
  const expected = range(width).map(
    (k) => weights.reduce((sum, weight, n) => sum + weight * at(matrix, n * width + k), 0) * factor,
  );
  expectClose(get(to, width), expected, 4 * count);
});

test.each(cases)("scale and scale_and_add: seed $seed, bit by bit", ({ size, row }) => {
  const [count, factor] = [size(), Math.fround(1.7)];
  const [x, other] = [row(count), row(count)];
  const [a, b] = [put(x), put(x)];
  call("scale", a, count, factor);
  call("scale_and_add", b, count, factor, put(other));
  const scaled = x.map((value) => Math.fround(value * factor));
  expect(get(a, count)).toEqual(scaled);
  expect(get(b, count)).toEqual(scaled.map((value, k) => Math.fround(value + at(other, k))));
});

test.each(cases)("arithmetic: seed $seed, bit by bit", ({ size, row }) => {
  const operations = [
    (x: number, y: number) => x + y,
    (x: number, y: number) => x - y,
    (x: number, y: number) => y - x,
    (x: number, y: number) => x * y,
  ];
  operations.forEach((operation, code) => {
    const count = size();
    const [x, other] = [row(count), row(count)];
    const [a, b, y] = [put(x), put(x), at(other, 0)];
    call("arithmetic", code, a, count, put(other));
    call("arithmetic_scalar", code, b, count, y);
    const pairs = x.map((value, k) => Math.fround(operation(value, at(other, k))));
    expect(get(a, count)).toEqual(pairs);
    expect(get(b, count)).toEqual(x.map((value) => Math.fround(operation(value, y))));
  });
});

test.each(cases)("linear: seed $seed, rows alone as together, bit by bit", ({ size, row }) => {
  const [rows, inputs, outputs] = [size() % 6, size(), size()];
  const [x, weights, bias] = [row(rows * inputs), row(inputs * outputs), row(outputs)];
  const padded = Math.ceil(outputs / 16) * 16;
  const packed = new Float32Array(padded * inputs);
  for (const input of range(inputs)) {
    for (const output of range(outputs)) {
      const group = Math.floor(output / 16) * inputs * 16;
      packed[group + input * 16 + (output % 16)] = at(weights, input * outputs + output);
    }
  }
  const paddedBias = Float32Array.from(range(padded), (k) => bias[k] ?? 0);
  const run = (values: Numbers, count: number) => {
    const to = put(row(count * outputs));
    const [w, b] = [put(packed), put(paddedBias)];
    call("linear", put(values), count, inputs, w, b, outputs, to);
    return get(to, count * outputs);
  };
  const found = run(x, rows);
  const expected = range(rows).flatMap((n) =>
    range(outputs).map((output) =>
      range(inputs).reduce(
        (sum, k) => sum + at(x, n * inputs + k) * at(weights, k * outputs + output),
        at(bias, output),
      ),
    ),
  );
  if (rows > 0) expectClose(found, expected, 4 * (inputs + 1));
  const alone = range(rows).flatMap((n) => run(x.slice(n * inputs, (n + 1) * inputs), 1));
  expect(found).toEqual(alone);
});

test.each(cases)("half_tile: seed $seed", ({ size, row }) => {
  const k = size() - 1;
  const [a, b] = [row(8 * k + 8), row(8 * k + 8)];
  const to = put(row(32));
  call("half_tile", k, put(a), put(b), to);
  const expected = range(32).map((place) => {
    const [m, n] = [Math.floor(place / 8), place % 8];
    return range(k).reduce((sum, step) => sum + at(a, 8 * step + m) * at(b, 8 * step + n), 0);
  });
  expectClose(get(to, 32), expected, 4 * (k + 1));
});
