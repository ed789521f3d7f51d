import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
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
