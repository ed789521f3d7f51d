// Fourier transforms by the engine's own code (wasm/src/workarounds/fourier) against the sums they stand for.

import { loadTract, type Tract, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { largestError } from "../../conformance/tensors.mjs";
import { archive } from "../archives.js";
import { noise } from "../random.js";

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

/** Real and imaginary parts in turn, between -1 and 1. */
const signalOf = (length: number) => noise(2 * length, length);

/** The sum of each value times e^(∓2πi·jk/length), in double precision. */
function sums(signal: Float32Array, inverse: boolean): number[] {
  const length = signal.length / 2;
  const sign = inverse ? 1 : -1;
  return Array.from({ length }, (_, k) => {
    let [re, im] = [0, 0];
    for (let j = 0; j < length; j++) {
      const angle = (sign * 2 * Math.PI * ((j * k) % length)) / length;
      const [a = 0, b = 0] = signal.subarray(2 * j, 2 * j + 2);
      re += a * Math.cos(angle) - b * Math.sin(angle);
      im += a * Math.sin(angle) + b * Math.cos(angle);
    }
    return [re, im];
  }).flat();
}

// A power of two, what speech takes (20 and 25 ms at 16 kHz), factors up to 23, primes above.
test.each([1, 2, 6, 256, 320, 400, 529, 37, 257])("%i values", async (length) => {
  const signal = signalOf(length);
  for (const inverse of [false, true]) {
    const bytes = archive({
      inputs: { x: `${length},2,f32` },
      body: `  y = tract_core_fft(x, axis = 0, inverse = ${inverse});`,
      outputs: ["y"],
    });
    const { y } = (await tract.load(bytes)).prepare().run({ x: tensor(signal, [length, 2]) });
    expect(y?.shape).toEqual([length, 2]);
    expect(largestError(y?.data ?? [], sums(signal, inverse))).toBeLessThanOrEqual(1e-5 * length);
  }
});

test("frames of a sound", async () => {
  const [length, frame, stride] = [100, 40, 15];
  const bytes = archive({
    inputs: { x: `${length},2,f32` },
    body: `  y = tract_core_stft(x, axis = 0, frame = ${frame}, stride = ${stride});`,
    outputs: ["y"],
  });
  const signal = signalOf(length);
  const { y } = (await tract.load(bytes)).prepare().run({ x: tensor(signal, [length, 2]) });
  const frames = [0, 1, 2, 3, 4].map((n) => 2 * n * stride);
  const expected = frames.flatMap((at) => sums(signal.subarray(at, at + 2 * frame), false));
  expect(y?.shape).toEqual([5, frame, 2]);
  expect(largestError(y?.data ?? [], expected)).toBeLessThanOrEqual(1e-4);
});
