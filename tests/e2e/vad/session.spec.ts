import { existsSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { speechFile } from "../shared/sound-server.js";
import { type CorePage, keepTracks, openCorePage } from "./page.js";

let core: CorePage;
let page: Page;

test.beforeEach(async () => {
  core = await openCorePage();
  page = core.page;
});

test.afterEach(async () => {
  await core.close();
  expect(core.complaints).toEqual([]);
});

test("samples that are not finite leave the stream as zeros would", async () => {
  const [bad, zeros] = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const { writeWav } = await import("./lib/wav.js" as string);
    const vad = await Vad.open();
    const noise = Float32Array.from({ length: 48_000 }, (_, n) => 0.3 * Math.sin(n * n * 0.001));
    const broken = noise.slice();
    for (const [at, value] of [
      [100, Number.NaN],
      [20_000, 1 / 0],
      [20_001, -1 / 0],
    ] as const) {
      broken[at] = value;
      noise[at] = 0;
    }
    const run = async (samples: Float32Array) => {
      const session = vad.file(new Blob([writeWav(samples, 16_000, "float32")]));
      const probabilities: number[] = [];
      for await (const event of session.events())
        if (event.type === "probability") probabilities.push(event.p);
      return { probabilities, replaced: session.figures.replaced as number };
    };
    return [await run(broken), await run(noise)];
  });
  expect(bad?.replaced).toBe(3);
  expect(zeros?.replaced).toBe(0);
  expect(bad?.probabilities).toHaveLength(94);
  expect(bad?.probabilities).toEqual(zeros?.probabilities);
});

test("nothing is lost while the page is busy for two seconds at a time", async () => {
  const heard = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const vad = await Vad.open();
    const session = await vad.listen();
    const times: number[] = [];
    session.addEventListener("probability", ({ time }: { time: number }) => times.push(time));
    const block = () => {
      const until = performance.now() + 2000;
      while (performance.now() < until);
    };
    for (let n = 0; n < 2; n++) {
      await new Promise((later) => setTimeout(later, 500));
      block();
    }
    await new Promise((later) => setTimeout(later, 500));
    await session.stop();
    return { times, figures: session.figures, length: session.length as number };
  });
  expect(heard.figures.dropped).toBe(0);
  expect(heard.length).toBeGreaterThan(4 * 16_000);
  expect(heard.times).toEqual(heard.times.map((_, n) => n * 512));
});

test("what the engine cannot follow is dropped, told, and leaves the clock right", async () => {
  const heard = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const { writeWav } = await import("./lib/wav.js" as string);
    const vad = await Vad.open();
    const audioContext = new AudioContext();
    const session = await vad.listen({ audioContext });
    // The browser's own count of the sound it handed out: on a busy machine it falls behind the wall clock.
    const began = audioContext.currentTime;
    const drops: { pulses: number; time: number; length: number }[] = [];
    session.addEventListener(
      "drop",
      ({ pulses, time, length }: { pulses: number; time: number; length: number }) =>
        drops.push({ pulses, time, length }),
    );
    // Files share the worker with the microphone: enough of them at once hold it up for seconds.
    const long = new Blob([writeWav(new Float32Array(16_000 * 600), 192_000)]);
    const files = Array.from({ length: 150 }, () => vad.file(long));
    await new Promise((later) => setTimeout(later, 12_000));
    await Promise.all(files.map((file: { stop(): Promise<void> }) => file.stop()));
    await new Promise((later) => setTimeout(later, 1500));
    const seconds = audioContext.currentTime - began;
    await session.stop();
    return { drops, seconds, length: session.length as number, figures: session.figures };
  });
  const dropped = heard.drops.reduce((sum, { pulses }) => sum + pulses, 0);
  expect(dropped).toBeGreaterThan(0);
  expect(heard.figures.dropped).toBe(dropped);
  for (const { pulses, length } of heard.drops) expect(length).toBe(512 * pulses);
  expect(Math.abs(heard.length / 16_000 - heard.seconds)).toBeLessThan(0.25);
  test.info().annotations.push({ type: "dropped", description: String(dropped) });
});

test("pausing turns the microphone off and ends the part; resuming goes on with the clock", async () => {
  await keepTracks(page);
  const heard = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const tracks = openedTracks;
    const vad = await Vad.open();
    const session = await vad.listen();
    const states: string[] = [];
    const times: number[] = [];
    session.addEventListener("statechange", ({ state }: { state: string }) => states.push(state));
    session.addEventListener("block", ({ time }: { time: number }) => times.push(time));
    const wait = (ms: number) => new Promise((later) => setTimeout(later, ms));
    await wait(500);
    await session.pause();
    const [live, paused] = [tracks.map((track) => track.readyState), session.length as number];
    await wait(300);
    const still = session.length as number;
    await session.resume();
    await wait(500);
    await session.stop();
    const after = await Promise.all(
      [session.pause, session.resume].map((call) =>
        call.call(session).catch((error: { code: string }) => error.code),
      ),
    );
    return {
      live,
      paused,
      still,
      states,
      length: session.length as number,
      times,
      after,
      ended: tracks.map((track) => track.readyState),
    };
  });
  expect(heard.live).toEqual(["ended"]);
  expect(heard.ended).toEqual(["ended", "ended"]);
  expect(heard.still).toBe(heard.paused);
  expect(heard.paused).toBeGreaterThan(4000);
  expect(heard.length).toBeGreaterThan(heard.paused + 4000);
  expect(heard.states).toEqual(["paused", "running", "stopping", "closed"]);
  expect(heard.times).toEqual([...heard.times].sort((a, b) => a - b));
  expect(heard.after).toEqual(["closed", "closed"]);
});

test("opening and listening at once, and what is left of it when half of it fails", async () => {
  await keepTracks(page);
  const heard = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const tracks = openedTracks;
    const { vad, session } = await Vad.listen({ threshold: 0.6, record: true });
    await new Promise((later) => setTimeout(later, 500));
    const { threshold } = session.rules;
    await session.stop();
    const recorded: number = session.recording().samples.length;
    await vad.close();
    const code = (options: object) =>
      Vad.listen(options).catch((error: { code: string }) => error.code);
    const engine = await code({ engineUrl: "./nothing.wasm" });
    const bundle = await code({ bundle: "./nothing" });
    const option = await code({ treshold: 1 });
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException("", "NotAllowedError"));
    const refused = await code({});
    return {
      threshold,
      recorded,
      codes: { engine, bundle, option, refused },
      tracks: tracks.map(({ readyState }) => readyState),
    };
  });
  expect(heard.threshold).toBe(0.6);
  expect(heard.recorded).toBeGreaterThan(4000);
  expect(heard.codes).toEqual({
    engine: "engine-unreachable",
    bundle: "file-missing",
    option: "option-unknown",
    refused: "microphone-refused",
  });
  expect(new Set(heard.tracks)).toEqual(new Set(["ended"]));
  await expect.poll(() => page.workers().length).toBe(0);
});

test("what the engine remembers is shown at most ten times a second, and can be emptied", async () => {
  const heard = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const vad = await Vad.open();
    const session = await vad.listen();
    const shown: { time: number; kinds: string[]; sizes: number[] }[] = [];
    session.addEventListener(
      "state",
      ({ time, memories }: { time: number; memories: { kind: string; values: Float32Array }[] }) =>
        shown.push({
          time,
          kinds: memories.map(({ kind }) => kind),
          sizes: memories.map(({ values }) => values.length),
        }),
    );
    session.watchState(50);
    await new Promise((later) => setTimeout(later, 1000));
    session.reset();
    await new Promise((later) => setTimeout(later, 500));
    session.watchState(0);
    await new Promise((later) => setTimeout(later, 100));
    const count = shown.length;
    await new Promise((later) => setTimeout(later, 400));
    await session.stop();
    return { shown, count };
  });
  expect(heard.shown.length).toBe(heard.count);
  expect(heard.count).toBeGreaterThan(5);
  expect(heard.count).toBeLessThanOrEqual(17);
  expect(heard.shown[0]?.kinds.sort()).toEqual(["delay", "scan"]);
  expect(heard.shown[0]?.sizes).toContain(128);
});

test("the utterance so far, while it lasts, and rules that change in its middle", async () => {
  test.skip(!existsSync(speechFile), "the 60 s of speech are not here");
  const heard = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const context = new AudioContext();
    const bytes = await (await fetch("audio/speech-60s-16k.wav")).arrayBuffer();
    const speech = new AudioBufferSourceNode(context, {
      buffer: await context.decodeAudioData(bytes),
    });
    const speaker = new MediaStreamAudioDestinationNode(context);
    speech.connect(speaker);
    const vad = await Vad.open();
    const session = await vad.listen({ stream: speaker.stream, audioContext: context });
    const before = session.utterance();
    speech.start();
    await new Promise((confirmed) =>
      session.addEventListener("speechconfirmed", confirmed, { once: true }),
    );
    await new Promise((later) => setTimeout(later, 300));
    const { current } = session;
    const utterance = session.utterance();
    const ended = new Promise<{ id: number; start: number; end: number }>((resolve) =>
      session.addEventListener("speechend", resolve, { once: true }),
    );
    // Nothing is certain enough any more: the segment ends as after a silence.
    vad.setOptions({ threshold: 1, negThreshold: 1 });
    const { id, start, end } = await ended;
    const rules = session.rules.threshold;
    await session.stop();
    return {
      before,
      current,
      utterance: { start: utterance.start, end: utterance.end, samples: utterance.samples.length },
      ended: { id, start, end },
      rules,
    };
  });
  expect(heard.before).toBeNull();
  expect(heard.current).toMatchObject({
    id: heard.ended.id,
    start: heard.ended.start,
    confirmed: true,
  });
  expect(heard.utterance.start).toBe(heard.ended.start);
  expect(heard.utterance.samples).toBe(heard.utterance.end - heard.utterance.start);
  expect(heard.utterance.samples).toBeGreaterThan(4000);
  expect(heard.ended.end).toBeGreaterThan(heard.ended.start + 4000);
  expect(heard.rules).toBe(1);
});
