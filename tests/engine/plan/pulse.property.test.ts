import { loadTract, RunError, type Tract, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { streamed } from "../../conformance/run-cases.mjs";
import { random } from "../random.js";
import { CHANNELS, KINDS, streamingGraph } from "./streaming-graphs.js";

// NNEF_PULSE_GRAPHS for a longer run.
const graphs = Number(process.env.NNEF_PULSE_GRAPHS ?? 60);
const LEAST_COMPARED = 8;

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

/** The first `frames` frames of each channel. */
function cut(data: Float32Array, frames: number): number[] {
  const length = data.length / CHANNELS;
  return [...data].filter((_, ix) => ix % length < frames);
}

test(`${graphs} random graphs, streamed in random pulses, give what the whole gives`, {
  timeout: 600_000,
}, async () => {
  const streams = new Map(KINDS.map((kind) => [kind, 0]));
  let [refused, compared] = [0, 0];
  for (let seed = 0; seed < graphs; seed++) {
    const below = random(seed);
    const { bytes, stride, sees, kinds } = streamingGraph(below);
    const pulse = stride * (1 + below(5));
    const length = sees + stride * (LEAST_COMPARED + below(20));
    const what = `seed ${seed}, pulse ${pulse}, ${kinds.join(", ")}`;
    const model = await tract.load(bytes);
    const data = Float32Array.from({ length: CHANNELS * length }, () => below(2001) / 1000 - 1);
    const x = tensor(data, [1, CHANNELS, length]);
    const { out } = model.prepare().run({ x });
    // What sees past the end differs: a stream does not know where it ends.
    const whole = Math.floor((length - sees) / stride) + 1;
    const frames = Math.min(whole, out?.shape[2] ?? 0);
    expect(frames, what).toBeGreaterThanOrEqual(LEAST_COMPARED);
    try {
      const found = streamed(model.pulse("S", pulse), x, frames);
      const expected = cut(out?.data as Float32Array, frames);
      expect(found.data, what).toHaveLength(expected.length);
      const scale = Math.max(1, ...expected.map(Math.abs));
      // A NaN from past the stream's end is no number below the tolerance either.
      const apart = expected.findIndex(
        (value, ix) => !(Math.abs(value - Number(found.data[ix])) <= 1e-5 * scale),
      );
      expect(apart, what).toBe(-1);
      for (const kind of kinds) streams.set(kind, (streams.get(kind) ?? 0) + 1);
      compared += expected.length;
    } catch (error) {
      // The one refusal that is known: reports/downsampled-scan.md. None of these graphs need be.
      if (!(error instanceof RunError && error.message.includes("Downsample"))) throw error;
      refused += 1;
    }
    model.dispose();
  }
  console.info({ graphs, refused, compared, ...Object.fromEntries(streams) });
  expect(refused, "graphs that could not be prepared").toBeLessThan(graphs / 20);
  for (const [kind, count] of streams) expect(count, kind).toBeGreaterThan(0);
});
