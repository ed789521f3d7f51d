import { loadTract, type Tensor, type Tract } from "tract-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeWav } from "../../../web/src/formats/wav-write.js";
import { openStream } from "../../../web/src/stream.js";
import { assets, isBuilt } from "./bundles.js";
import { joined } from "./signals.js";
import { bundleOf, causal } from "./small-models.js";

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract?.dispose());

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
