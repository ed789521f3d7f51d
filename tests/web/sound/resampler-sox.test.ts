import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { which } from "../../../setup/which.mjs";
import { Resampler } from "../../../web/src/resampler.js";

/** The magnitude of the pass band beside that of sox's very high quality, by sines in their steady state. */

const OUT = 16_000;
/** Of each sine, in seconds; what is compared lies in its middle. */
const LASTS = 0.5;

function sines(list: readonly number[], rate: number): Float32Array {
  const each = rate * LASTS;
  return Float32Array.from({ length: each * list.length }, (_, n) => {
    const hz = list[Math.floor(n / each)] as number;
    return 0.5 * Math.sin((2 * Math.PI * hz * (n % each)) / rate);
  });
}

function ours(input: Float32Array, rate: number): Float32Array {
  const resampler = new Resampler(rate, OUT);
  const [most, rest] = [resampler.push(input), resampler.flush()];
  const all = new Float32Array(most.length + rest.length);
  all.set(most);
  all.set(rest, most.length);
  return all;
}

function ofSox(input: Float32Array, rate: number): Float32Array {
  const raw = ["-t", "f32", "-c", "1"];
  const args = [...raw, "-r", `${rate}`, "-", ...raw, "-r", `${OUT}`, "-", "rate", "-v"];
  const bytes = Buffer.from(input.buffer);
  const { stdout, status } = spawnSync("sox", args, { input: bytes, maxBuffer: 2 ** 28 });
  expect(status).toBe(0);
  return new Float32Array(
    stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length),
  );
}

/** Decibels at a frequency, which the window holds a whole number of times. */
function level(signal: Float32Array, index: number, hz: number): number {
  const from = Math.round(OUT * LASTS * (index + 0.3));
  const middle = signal.subarray(from, from + 0.4 * LASTS * OUT);
  let [re, im] = [0, 0];
  for (const [n, x] of middle.entries()) {
    re += x * Math.cos((2 * Math.PI * hz * n) / OUT);
    im += x * Math.sin((2 * Math.PI * hz * n) / OUT);
  }
  return 20 * Math.log10((2 * Math.hypot(re, im)) / middle.length);
}

describe.skipIf(!which("sox"))("beside sox -v", () => {
  it.each([8000, 22050, 44100, 48000, 96000])(
    "from %i Hz the pass band is as loud to 0.1 dB",
    (rate) => {
      const top = Math.min(7000, 0.4375 * rate);
      const list = Array.from({ length: Math.floor(top / 100) }, (_, k) => 100 * (k + 1));
      const input = sines(list, rate);
      const [mine, theirs] = [ours(input, rate), ofSox(input, rate)];
      for (const [index, hz] of list.entries()) {
        const apart = level(mine, index, hz) - level(theirs, index, hz);
        expect(Math.abs(apart), `${hz} Hz`).toBeLessThan(0.1);
      }
    },
  );
});
