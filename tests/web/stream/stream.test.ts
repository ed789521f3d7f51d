import { readFile } from "node:fs/promises";
import { loadTract, type Tensor, type Tract } from "tract-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadBundle } from "../../../web/src/bundle/load.js";
import { writeWav } from "../../../web/src/formats/wav-write.js";
import { openStream, pipe, type Stream } from "../../../web/src/stream.js";
import { CHANNELS, streamingGraph } from "../../engine/plan/streaming-graphs.js";
import { random as seeded } from "../../engine/random.js";
import { random as randomOf } from "../random.js";
import { assets, bundles, isBuilt, pulsedBundles } from "./bundles.js";
import { bundleOf, causal, halving, twoHeads, twoInputs } from "./small-models.js";

let tract: Tract;
let keeper: Stream | undefined;
beforeAll(async () => {
  tract = await loadTract();
  // Keeps the shared worker, which a model's last stream would end.
  if (isBuilt) keeper = await openStream(await bundleOf(tract, causal, [1]), { assets });
});
afterAll(() => {
  keeper?.close();
  tract?.dispose();
});

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

/** Frames `from` to `to` of a tensor whose frames lie along its last axis. */
function columns({ data, shape }: Tensor, from: number, to: number): Float32Array {
  const length = shape.at(-1) ?? 1;
  return (data as Float32Array).filter((_, n) => n % length >= from && n % length < to);
}

const noise = (shape: readonly number[], random: () => number): Tensor => {
  const length = shape.reduce((all, each) => all * each, 1);
  const data = Float32Array.from({ length }, () => random() - 0.5);
  return { data, shape: [...shape], dtype: "f32" };
};

/** Pushes a tensor in pieces of random length, along its last axis. */
async function pushAll(stream: Stream, name: string, tensor: Tensor, random: () => number) {
  const length = tensor.shape.at(-1) ?? 0;
  for (let from = 0; from < length; ) {
    const to = Math.min(length, from + Math.ceil(random() * 20));
    await stream.push({ [name]: columns(tensor, from, to) });
    from = to;
  }
}

/** The results of each output joined along the last axis. */
async function joined(stream: Stream): Promise<Map<string, Tensor>> {
  const parts = new Map<string, { data: Float32Array; frames: number }[]>();
  for await (const { name, data, shape, time } of stream.results()) {
    const list = parts.get(name) ?? [];
    parts.set(name, list);
    expect(time).toBe(list.reduce((sum, part) => sum + part.frames, 0));
    list.push({ data: data as Float32Array, frames: shape.at(-1) ?? 0 });
  }
  return new Map(
    [...parts].map(([name, list]) => {
      const length = list.reduce((sum, part) => sum + part.frames, 0);
      const channels = (list[0]?.data.length ?? 0) / (list[0]?.frames ?? 1);
      const data = new Float32Array(channels * length);
      let at = 0;
      for (const part of list) {
        for (let channel = 0; channel < channels; channel++) {
          const row = part.data.subarray(channel * part.frames, (channel + 1) * part.frames);
          data.set(row, channel * length + at);
        }
        at += part.frames;
      }
      return [name, { data, shape: [1, channels, length], dtype: "f32" } as Tensor];
    }),
  );
}

function expectClose(got: Tensor | undefined, expected: Tensor, frames = Number.POSITIVE_INFINITY) {
  expect(got?.shape).toEqual(expected.shape);
  if (got === undefined) return;
  const [a, b] = [columns(got, 0, frames), columns(expected, 0, frames)];
  const scale = Math.max(1, ...b.map(Math.abs));
  expect(a.findIndex((value, n) => !(Math.abs(value - (b[n] as number)) <= 1e-5 * scale))).toBe(-1);
}

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

describe.skipIf(!isBuilt)("a small model", () => {
  const open = async (bytes: Uint8Array, pulse: number, more = {}) =>
    openStream(await bundleOf(tract, bytes, [pulse]), { assets, ...more });

  it.each([2, 6, 16])(
    "with two outputs gives each its own delay and rate, at pulse %i",
    async (pulse) => {
      const random = randomOf(pulse);
      const stream = await open(twoHeads, pulse);
      expect(stream.outputs.map(({ delay, framesPerPulse }) => [delay, framesPerPulse])).toEqual([
        [3, pulse],
        [0, pulse / 2],
      ]);
      using model = await tract.load(twoHeads);
      for (const length of [61, 32, 7]) {
        const x = noise([1, 2, length], random);
        const reading = joined(stream);
        await pushAll(stream, "x", x, random);
        await stream.flush();
        const streamed = await reading;
        const expected = model.prepare().run({ x });
        // The engine pads past the end with zeros, as the model does.
        expectClose(streamed.get("slow"), expected.slow as Tensor, length - 3);
        expectClose(streamed.get("fast"), expected.fast as Tensor);
      }
      stream.close();
    },
  );

  it("with two inputs takes them in any order", async () => {
    const random = randomOf(5);
    const stream = await open(twoInputs, 4);
    expect(stream.inputs.map(({ framesPerPulse }) => framesPerPulse)).toEqual([4, 8]);
    const [x, y] = [noise([1, 1, 39], random), noise([1, 1, 78], random)];
    const reading = joined(stream);
    await Promise.all([pushAll(stream, "x", x, random), pushAll(stream, "y", y, random)]);
    await stream.flush();
    using model = await tract.load(twoInputs);
    expectClose((await reading).get("sum"), model.prepare().run({ x, y }).sum as Tensor);
    stream.close();
  });

  it("drawn at random streams as the whole computes: twenty of them", {
    timeout: 120_000,
  }, async () => {
    let compared = 0;
    for (let seed = 0; compared < 20; seed++) {
      const below = seeded(seed);
      const { bytes, stride, sees } = streamingGraph(below);
      const pulse = stride * (1 + below(5));
      const length = sees + stride * (8 + below(20));
      const random = randomOf(seed);
      const x = noise([1, CHANNELS, length], random);
      using model = await tract.load(bytes);
      const expected = model.prepare().run({ x }).out as Tensor;
      const stream = await open(bytes, pulse).catch((error) => {
        // The one refusal that is known: reports/downsampled-scan.md.
        expect(error.code).toBe("model-refused");
        return undefined;
      });
      if (stream === undefined) continue;
      const reading = joined(stream);
      await pushAll(stream, "x", x, random);
      await stream.flush();
      const frames = Math.floor((length - sees) / stride) + 1;
      expectClose((await reading).get("out"), expected, frames);
      stream.close();
      compared += 1;
    }
  });

  it("chained with two others, of other pulses, gives the composed wholes", async () => {
    const random = randomOf(9);
    const parts = [await open(causal, 3), await open(halving, 4), await open(causal, 5)] as const;
    const chain = pipe(pipe(parts[0], parts[1]), parts[2]);
    for (const length of [50, 23]) {
      const x = noise([1, 1, length], random);
      const reading = joined(chain);
      await pushAll(chain, "x", x, random);
      await chain.flush();
      let y = x;
      for (const bytes of [causal, halving, causal]) {
        using model = await tract.load(bytes);
        y = model.prepare().run({ x: y }).y as Tensor;
      }
      expectClose((await reading).get("y"), y);
    }
    chain.close();
    for (const part of parts) expect(part.closing.aborted).toBe(true);
  });

  it("begins anew after a reset, and drops what was on its way", async () => {
    const stream = await open(causal, 4);
    const random = randomOf(3);
    await stream.push({ x: noise([1, 1, 30], random).data });
    stream.reset();
    const x = noise([1, 1, 10], random);
    const reading = joined(stream);
    await stream.push({ x: x.data });
    await stream.flush();
    using model = await tract.load(causal);
    expectClose((await reading).get("y"), model.prepare().run({ x }).y as Tensor);
    stream.close();
  });

  it("holds back who pushes while nobody reads, and keeps no more than its queue", async () => {
    const stream = await open(causal, 4, { queue: 8 });
    let pushed = false;
    const pushing = stream.push({ x: new Float32Array(400) }).then(() => {
      pushed = true;
    });
    await new Promise((later) => setTimeout(later, 300));
    expect(pushed).toBe(false);
    expect(stream.figures.unread).toBeLessThanOrEqual(8 + 4);
    const reading = joined(stream);
    await pushing;
    await stream.flush();
    expect((await reading).get("y")?.shape).toEqual([1, 1, 400]);
    expect(stream.figures).toMatchObject({ pulses: 100, waiting: 0, unread: 0, dropped: 0 });
    stream.close();
  });

  it("settles every promise when it is closed, and shares one worker", async () => {
    const first = await open(causal, 4, { queue: 1 });
    const second = await open(causal, 4);
    const code = (promise: Promise<unknown>) =>
      promise.then(
        () => "done",
        (error) => error.code,
      );
    const waiting = [
      code(first.push({ x: new Float32Array(100) })),
      code(first.flush()),
      code(first.push({ x: new Float32Array(100) })),
    ];
    const loop = first.results();
    first.close();
    first.close();
    expect(await Promise.all(waiting)).toEqual(["closed", "closed", "closed"]);
    await expect(first.flush()).rejects.toMatchObject({ code: "closed" });
    for (let step = await loop.next(); !step.done; step = await loop.next());
    // The other stream goes on in the same worker.
    const reading = joined(second);
    await second.push({ x: new Float32Array(8) });
    await second.flush();
    expect((await reading).get("y")?.shape).toEqual([1, 1, 8]);
    second.close();
  });

  it("is given up by a signal, before it is open or after", async () => {
    const bundle = await bundleOf(tract, causal, [4]);
    const before = new AbortController();
    const opening = openStream(bundle, { assets, signal: before.signal });
    before.abort(new Error("given up"));
    await expect(opening).rejects.toThrow("given up");
    const after = new AbortController();
    const stream = await openStream(bundle, { assets, signal: after.signal });
    after.abort();
    expect(stream.closing.aborted).toBe(true);
  });

  it("refuses what it cannot take, by code", async () => {
    const bundle = await bundleOf(tract, causal, [4, 8]);
    const refused = (options: object) =>
      openStream(bundle, { assets, ...options }).catch((error) => error.code);
    expect(await refused({ pulse: 0.5 })).toBe("option-invalid");
    expect(await refused({ queue: 0 })).toBe("option-invalid");
    expect(await refused({ pluse: 4 })).toBe("option-unknown");
    const none = await bundleOf(tract, causal, []);
    await expect(openStream(none, { assets })).rejects.toMatchObject({ code: "no-pulse" });
    const stream = await openStream(bundle, { pulse: 8, assets });
    expect(stream.inputs[0]?.framesPerPulse).toBe(8);
    await expect(stream.push({ z: [1] })).rejects.toMatchObject({ code: "option-unknown" });
    await expect(stream.push({ x: new Int8Array(4) })).rejects.toMatchObject({
      code: "option-invalid",
    });
    await expect(stream.audio()).rejects.toMatchObject({ code: "not-for-audio" });
    stream.close();
  });

  it("keeps no memory over 20,000 pulses", { timeout: 120_000 }, async () => {
    const stream = await open(causal, 1);
    let results = 0;
    const reading = (async () => {
      for await (const _ of stream.results()) results += 1;
    })();
    const block = new Float32Array(1000);
    const heap: number[] = [];
    for (let n = 0; n < 20; n++) {
      await stream.push({ x: block });
      heap.push(process.memoryUsage().rss);
    }
    await stream.flush();
    await reading;
    expect(results).toBe(20_000);
    // After a warm-up, what is held stays within a few megabytes.
    expect(Math.max(...heap.slice(10)) - Math.max(...heap.slice(0, 10))).toBeLessThan(32e6);
    stream.close();
  });
});

describe.skipIf(!isBuilt)("sound", () => {
  const manifest = {
    audio: { sampleRate: 16_000, samplesPerPulse: 4, frontEnd: "none" },
  };
  const tone = (length: number, rate: number) =>
    Float32Array.from({ length }, (_, n) => 0.5 * Math.sin((2 * Math.PI * 300 * n) / rate));

  it("of a file is streamed to its end, in Node, and its length is the sound's", async () => {
    const stream = await openStream(await bundleOf(tract, causal, [4], manifest), { assets });
    expect(stream.outputs[0]?.rate).toBe(16_000);
    using model = await tract.load(causal);
    const samples = tone(16_037, 16_000);
    const file = new Blob([writeWav(samples, 16_000, "float32") as Uint8Array<ArrayBuffer>]);
    for (const source of [file, { samples, sampleRate: 16_000 }]) {
      const feed = await stream.audio({ file: source });
      const data = Array.from((await joined(stream)).get("y")?.data ?? [], Number);
      await feed.ended;
      const x = { data: samples, shape: [1, 1, samples.length], dtype: "f32" } as Tensor;
      const expected = model.prepare().run({ x }).y?.data as Float32Array;
      expect(data.length).toBe(samples.length);
      expect(data.findIndex((value, n) => !(Math.abs(value - (expected[n] ?? 0)) < 1e-5))).toBe(-1);
    }
    stream.close();
  });

  it("is resampled, cleaned and counted", async () => {
    const stream = await openStream(await bundleOf(tract, causal, [4], manifest), { assets });
    const samples = tone(48_000, 48_000);
    samples[100] = Number.NaN;
    samples[200] = Number.POSITIVE_INFINITY;
    await stream.audio({ file: { samples, sampleRate: 48_000 } });
    const y = (await joined(stream)).get("y");
    expect(y?.shape).toEqual([1, 1, 16_000]);
    expect(stream.figures.replaced).toBe(2);
    expect(y?.data.every((value) => Math.abs(Number(value)) < 2)).toBe(true);
    stream.close();
  });

  it("that fails ends the results by its error, and a second source is refused", async () => {
    const stream = await openStream(await bundleOf(tract, causal, [4], manifest), { assets });
    const empty = { samples: new Float32Array(0), sampleRate: 16_000 };
    await expect(stream.audio({ file: empty })).rejects.toMatchObject({ code: "file-empty" });
    const feed = await stream.audio({
      file: { samples: tone(160_000, 16_000), sampleRate: 16_000 },
    });
    await expect(stream.audio({ file: empty })).rejects.toMatchObject({ code: "option-invalid" });
    stream.close();
    await expect(feed.ended).rejects.toMatchObject({ code: "closed" });
    const noise = await openStream(await bundleOf(tract, causal, [4], manifest), { assets });
    const read = async () => {
      for await (const _ of noise.results());
    };
    const broken = new Blob(["this is no sound"]);
    await expect(noise.audio({ file: broken })).rejects.toMatchObject({ code: "file-undecodable" });
    const reading = read();
    noise.fail(new Error("broken"));
    await expect(reading).rejects.toThrow("broken");
  });
});
