import { readFile } from "node:fs/promises";
import { loadTract, type Tensor, type Tract } from "tract-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadBundle } from "../../../web/src/bundle/load.js";
import { openStream, type Stream } from "../../../web/src/stream.js";
import { random as randomOf } from "../random.js";
import { assets, bundles, isBuilt, pulsedBundles } from "./bundles.js";

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract?.dispose());

/** All results of one signal, each output's in one piece. Checks that nothing is missing or out of order. */
async function collect(stream: Stream): Promise<Map<string, { from: number; data: number[] }>> {
  const outputs = new Map<string, { from: number; data: number[]; next: number }>();
  for await (const { name, data, shape, time } of stream.results()) {
    const port = stream.outputs.find((each) => each.name === name);
    const frames = shape[port?.axis ?? 0] ?? 1;
    const kept = outputs.get(name) ?? { from: time, data: [], next: time };
    outputs.set(name, kept);
    expect(time).toBe(kept.next);
    kept.next += frames;
    for (const value of data) kept.data.push(Number(value));
  }
  return outputs;
}

/** Runs `frames` of every input through the whole model. */
async function whole(id: string, inputs: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const bytes = await readFile(new URL(`${id}/model.nnef.tgz`, bundles));
  using model = await tract.load(new Uint8Array(bytes));
  using runnable = model.prepare();
  return runnable.run(inputs);
}

const pulsed = isBuilt ? await pulsedBundles() : [];

describe.skipIf(pulsed.length === 0)("a bundle", () => {
  it.each(pulsed)(
    "%s streams as the whole model computes, however its frames are cut",
    async (id) => {
      const { manifest } = await loadBundle(new URL(id, bundles));
      const [{ pulse: first = 1, symbol = "", inputAxes = [], warmUp = 0 } = {}] = manifest.pulses;
      for (const pulse of [first, 2 * first, 3 * first]) {
        const random = randomOf(pulse);
        const stream = await openStream(new URL(id, bundles), { pulse, assets });
        const size = 40 * pulse + Math.floor(random() * pulse);
        const inputs: Record<string, Tensor> = {};
        for (const [at, { name, fact }] of manifest.inputs.entries()) {
          const shape = fact
            .split(",")
            .slice(0, -1)
            .map(
              (each) =>
                Number(each) ||
                (each.includes(symbol) ? size * (Number(each.split("*")[0]) || 1) : 1),
            );
          expect(inputAxes[at]).toBeGreaterThanOrEqual(0);
          const length = shape.reduce((all, each) => all * each, 1);
          const data = Float32Array.from({ length }, () => random() - 0.5);
          inputs[name] = { data, shape, dtype: "f32" };
        }
        const reading = collect(stream);
        for (const [at, { name }] of manifest.inputs.entries()) {
          const { data, shape } = inputs[name] as Tensor & { data: Float32Array };
          const axis = inputAxes[at] ?? 0;
          // Frames lie one after another where the axes before are 1.
          expect(shape.slice(0, axis).every((each) => each === 1)).toBe(true);
          const items = data.length / (shape[axis] ?? 1);
          for (let from = 0; from < data.length; ) {
            const frames = Math.ceil(random() * 3 * pulse);
            await stream.push({ [name]: data.subarray(from, from + frames * items) });
            from += frames * items;
          }
        }
        await stream.flush();
        const streamed = await reading;
        const expected = await whole(id, inputs);
        const proof = manifest.verified.find((each) => each.claim === "pulsed");
        for (const { name, axis } of stream.outputs) {
          const { data, shape } = expected[name] as Tensor;
          const got = streamed.get(name);
          const items = data.length / (shape[axis] ?? 1);
          expect(got?.from).toBe(warmUp);
          expect(got?.data.length).toBe(data.length - warmUp * items);
          const compared = data.length - warmUp * items - (proof?.tail?.frames ?? 0) * items;
          let largest = 0;
          for (let n = 0; n < compared; n++) {
            const difference = Math.abs(
              (got?.data[n] ?? Number.NaN) - Number(data[n + warmUp * items]),
            );
            if (!(difference <= largest)) largest = difference;
          }
          expect(largest).toBeLessThanOrEqual(proof?.tolerance ?? 0);
        }
        stream.close();
      }
    },
  );
});
