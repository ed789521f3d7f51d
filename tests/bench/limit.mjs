/**
 * How fast this processor multiplies and adds in simd128, in whatever runs this: the limit no
 * engine of one thread can pass. This file runs in Node and in the page alike; `limitModule`
 * needs Node.
 */

/** Enough independent sums to hide latency on any current core, and no more than it has registers. */
const sums = 12;
const steps = 200_000;
const rounds = 40;

/** Multiply-adds of a pulse of Silero's 16 kHz branch: outputs × inputs × kernel × frames. */
const sileroLayers = [
  [258, 1, 256, 4], // short-time Fourier transform, as a convolution
  [128, 129, 3, 4],
  [64, 128, 3, 2],
  [64, 64, 3, 1],
  [128, 64, 3, 1],
  [4 * 128, 128 + 128, 1, 1], // LSTM
  [1, 128, 1, 1],
];
export const sileroMultiplyAdds = sileroLayers
  .map((layer) => layer.reduce((a, b) => a * b))
  .reduce((a, b) => a + b);

/** @returns {Promise<Uint8Array>} a wasm module that exports `run(steps)` */
export async function limitModule() {
  const { default: binaryen } = await import("binaryen");
  const each = Array.from({ length: sums }, (_, k) => k);
  // Each product is of a sum itself: a product of constants would be computed once for all.
  const step = each.map(
    (k) =>
      `(local.set $s${k} (f32x4.add (f32x4.mul (local.get $s${k}) (local.get $a)) (local.get $b)))`,
  );
  const total = each.reduce((sum, k) => `(f32x4.add ${sum} (local.get $s${k}))`, "(local.get $b)");
  const text = `(module (func (export "run") (param $n i32) (result f32)
    (local $a v128) (local $b v128) ${each.map((k) => `(local $s${k} v128)`).join(" ")}
    (local.set $a (f32x4.splat (f32.const 0.999)))
    (local.set $b (f32x4.splat (f32.const 0.5)))
    (loop $again
      ${step.join("\n")}
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (f32x4.extract_lane 0 ${total})))`;
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.SIMD128);
  return module.emitBinary();
}

/**
 * @param {Uint8Array} bytes of `limitModule`
 * @param {number} times how much longer a round is to take, where the clock is coarse
 * @returns {Promise<number>} multiply-adds per microsecond, the best of many rounds
 */
export async function multiplyAddsPerMicrosecond(bytes, times) {
  const { instance } = await WebAssembly.instantiate(/** @type {BufferSource} */ (bytes));
  const run = /** @type {(steps: number) => number} */ (instance.exports.run);
  let best = 0;
  for (let k = 0; k < rounds; k++) {
    const began = performance.now();
    run(steps * times);
    const us = (performance.now() - began) * 1000;
    best = Math.max(best, (steps * times * sums * 4) / us);
  }
  return best;
}
