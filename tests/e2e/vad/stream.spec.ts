import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { loadTract } from "tract-wasm";
import { bundleOf, causal } from "../../web/stream/small-models.js";
import { openCorePage } from "./page.js";

const bundles = fileURLToPath(new URL("../../../dist/bundles", import.meta.url));

test("a microphone streams into any bundle that takes sound, and is off after close", async () => {
  const { page, complaints, close } = await openCorePage({ made: bundles });
  const heard = await page.evaluate(async () => {
    const { openStream } = await import("./lib/stream.js" as string);
    const opened: MediaStreamTrack[] = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      opened.push(...stream.getTracks());
      return stream;
    };
    const stream = await openStream("made/marblenet-vad");
    const feed = await stream.audio();
    const times: number[] = [];
    for await (const { time } of stream.results()) {
      times.push(time);
      if (times.length === 50) break;
    }
    const [{ rate, delay, framesPerPulse }] = stream.outputs;
    await stream.flush();
    const ended = opened.map(({ readyState }) => readyState);
    const { figures } = stream;
    stream.close();
    await feed.ended;
    return { times, rate, delay, framesPerPulse, ended, figures };
  });
  expect(heard).toMatchObject({ rate: 100, delay: 75, framesPerPulse: 4, ended: ["ended"] });
  expect(heard.times[0]).toBe(0);
  // A delay of 75 frames ends in the middle of a pulse: the first result has one frame.
  expect(heard.times).toEqual(heard.times.map((_, n) => Math.max(0, 4 * n - 3)));
  expect(heard.figures.dropped).toBe(0);
  await expect.poll(() => page.workers().length).toBe(0);
  await close();
  expect(complaints).toEqual([]);
});

test("two streams and their chains share one worker in a page", async () => {
  const { page, complaints, close } = await openCorePage({ made: bundles });
  const counts = await page.evaluate(async () => {
    const { openStream } = await import("./lib/stream.js" as string);
    const streams = await Promise.all(
      ["silero-vad", "marblenet-vad", "silero-vad"].map((id) => openStream(`made/${id}`)),
    );
    const samples = Float32Array.from({ length: 16_000 }, (_, n) => Math.sin(n * n));
    const counts = await Promise.all(
      streams.map(async (stream) => {
        await stream.audio({ file: { samples, sampleRate: 16_000 } });
        let frames = 0;
        for await (const { data } of stream.results()) frames += data.length;
        return frames;
      }),
    );
    (globalThis as unknown as { held: unknown }).held = streams;
    return counts;
  });
  expect(counts).toEqual([32, 100, 32]);
  expect(page.workers().length).toBe(1);
  await page.evaluate(() => {
    const { held } = globalThis as unknown as { held: { close(): void }[] };
    for (const stream of held) stream.close();
  });
  await expect.poll(() => page.workers().length).toBe(0);
  await close();
  expect(complaints).toEqual([]);
});

for (const sampleRate of [16_000, 48_000]) {
  test(`an audio node plays what the model makes of its input, in a context of ${sampleRate} Hz`, async () => {
    using tract = await loadTract();
    const bytes = await causal;
    const audio = { sampleRate: 16_000, samplesPerPulse: 160, frontEnd: "none" };
    const { manifest } = await bundleOf(tract, bytes, [160], { audio });
    const { page, complaints, close } = await openCorePage();
    const heard = await page.evaluate(
      async ({ manifest, bytes, sampleRate }) => {
        const { openStream } = await import("./lib/stream.js" as string);
        const stream = await openStream({
          manifest,
          url: (path: string) => new URL(path, "memory:/small/"),
          file: async () => Uint8Array.from(bytes),
        });
        const context = new AudioContext({ sampleRate });
        const node = await stream.audioNode(context);
        const second = await stream.audio().catch(({ code }: { code: string }) => code);
        const source = new OscillatorNode(context, { frequency: 300 });
        const analyser = new AnalyserNode(context, { fftSize: 8192 });
        const mute = new GainNode(context, { gain: 0 });
        source.connect(node).connect(analyser).connect(mute).connect(context.destination);
        source.start();
        await new Promise((go) => setTimeout(go, 1500));
        const wave = new Float32Array(analyser.fftSize);
        analyser.getFloatTimeDomainData(wave);
        const { dropped, pulses } = stream.figures;
        stream.close();
        analyser.disconnect();
        await context.close();
        return { second, wave: Array.from(wave), dropped, pulses };
      },
      { manifest, bytes: Array.from(bytes), sampleRate },
    );
    expect(heard.second).toBe("option-invalid");
    expect(heard.pulses).toBeGreaterThan(100);
    expect(heard.dropped).toBe(0);
    // The gain of the four taps at 300 Hz.
    const turn = (2 * Math.PI * 300) / 16_000;
    const taps = [1, 0.125, -0.25, 0.5];
    const part = (of: (x: number) => number) =>
      taps.reduce((sum, tap, n) => sum + tap * of(n * turn), 0);
    const gain = Math.hypot(part(Math.cos), part(Math.sin));
    expect(Math.max(...heard.wave)).toBeCloseTo(gain, 1);
    // A sine of that frequency obeys x[n+1] = 2 cos(w) x[n] - x[n-1]: a gap or a repeat does not.
    const next = 2 * Math.cos((2 * Math.PI * 300) / sampleRate);
    const jumps = heard.wave.filter((value, n) => {
      const [before, after] = [heard.wave[n - 1], heard.wave[n + 1]];
      if (before === undefined || after === undefined) return false;
      return Math.abs(next * value - before - after) > 0.02;
    });
    expect(jumps.length).toBe(0);
    await expect.poll(() => page.workers().length).toBe(0);
    await close();
    expect(complaints).toEqual([]);
  });
}
