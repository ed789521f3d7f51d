import { loadTract, type Tensor, type Tract } from "tract-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStream, pipe, type Stream } from "../../../web/src/stream.js";
import { CHANNELS, streamingGraph } from "../../engine/plan/streaming-graphs.js";
import { random as seeded } from "../../engine/random.js";
import { random as randomOf } from "../random.js";
import { assets, isBuilt } from "./bundles.js";
import { expectClose, joined, noise, pushAll } from "./signals.js";
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

describe.skipIf(!isBuilt)("a small model", () => {
  const open = async (bytes: Uint8Array, pulse: number, more = {}) =>
    openStream(await bundleOf(tract, bytes, [pulse]), { assets, ...more });

  it("streams through a framework's proxy", async () => {
    const stream = new Proxy(await open(causal, 4), {});
    const reading = joined(stream);
    await stream.push({ x: new Float32Array(6).fill(1) });
    await stream.flush();
    expect((await reading).get("y")?.shape).toEqual([1, 1, 6]);
    expect(stream.figures.waiting).toBe(0);
    stream.close();
    expect(stream.closing.aborted).toBe(true);
  });

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
