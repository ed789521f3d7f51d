import { expect, test } from "@playwright/test";
import { hold } from "../shared/hold.js";
import { sample, sampleFile } from "../shared/page.js";
import { keepTracks, openCorePage } from "./page.js";

/** Until the second segment has been spoken. */
const HELD_SECONDS = 6.5;

test("what is said before the engine is there is heard, from its first sample on", async () => {
  const { page, complaints, close } = await openCorePage({ microphone: sampleFile });
  const arrive = await hold(page, "**/tract_wasm.wasm");
  await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const audioContext = new AudioContext({ sampleRate: 48_000 });
    const constraints = {
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
    };
    const held = globalThis as unknown as Record<string, unknown>;
    held.audioContext = audioContext;
    await new Promise<void>((captured) => {
      const onCapture = () => {
        held.began = audioContext.currentTime;
        captured();
      };
      held.listening = Vad.listen({ record: true, audioContext, constraints, onCapture });
    });
  });
  const heldFor = await page.evaluate(async (seconds) => {
    const { audioContext, began } = globalThis as unknown as {
      audioContext: AudioContext;
      began: number;
    };
    const now = () => audioContext.currentTime - began;
    while (now() < seconds) await new Promise((later) => setTimeout(later, 50));
    return now();
  }, HELD_SECONDS);
  arrive();
  const heard = await page.evaluate(
    async (length) => {
      const { audioContext, began, listening } = globalThis as unknown as {
        audioContext: AudioContext;
        began: number;
        // biome-ignore lint/suspicious/noExplicitAny: the library is loaded by its address.
        listening: Promise<any>;
      };
      const { vad, session } = await listening;
      const segments: [number, number][] = [];
      const times: number[] = [];
      const drops: number[] = [];
      session.addEventListener("probability", ({ time }: { time: number }) => times.push(time));
      session.addEventListener("drop", ({ pulses }: { pulses: number }) => drops.push(pulses));
      session.addEventListener("speechend", ({ start, end }: { start: number; end: number }) =>
        segments.push([start, end]),
      );
      while (audioContext.currentTime - began < length)
        await new Promise((later) => setTimeout(later, 50));
      const seconds = audioContext.currentTime - began;
      await session.stop();
      const again: [number, number][] = [];
      const recording = session.recording();
      for await (const event of vad.file(recording.toWav({ format: "float32" })).events())
        if (event.type === "speechend") again.push([event.start, event.end]);
      await vad.close();
      return { segments, again, times, drops, seconds, length: session.length as number };
    },
    sample.length / sample.sampleRate + 1,
  );
  await close();

  expect(heard.drops).toEqual([]);
  expect(heard.times).toEqual(heard.times.map((_, n) => n * 512));
  // The clock is the capture's own: it began with the microphone, not with the engine.
  expect(Math.abs(heard.length / 16_000 - heard.seconds)).toBeLessThan(0.25);
  expect(heard.segments).toEqual(heard.again);
  expect(heard.segments).toHaveLength(sample.segments.length);
  const early = heard.segments.filter(([, end]) => end < 16_000 * heldFor);
  expect(early.length).toBeGreaterThanOrEqual(2);
  // The same speech at the same times: the browser starts to play it a moment after the microphone is on.
  const late = (heard.segments[0]?.[0] ?? 0) - (sample.segments[0]?.start ?? 0);
  for (const [n, [start, end]] of heard.segments.entries()) {
    expect(Math.abs(start - late - (sample.segments[n]?.start ?? 0))).toBeLessThan(1600);
    expect(Math.abs(end - late - (sample.segments[n]?.end ?? 0))).toBeLessThan(1600);
  }
  expect(complaints).toEqual([]);
});

test("who refuses the microphone or gives up is told before the engine is there", async () => {
  const { page, complaints, close } = await openCorePage();
  await page.route("**/tract_wasm.wasm", () => new Promise(() => undefined));
  await keepTracks(page);
  const told = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const given = new AbortController();
    const onCapture = () => given.abort(new Error("given up"));
    const failed = (options: object) =>
      Vad.listen(options).catch((error: Error & { code?: string }) => error.code ?? error.message);
    const left = await failed({ signal: given.signal, onCapture });
    const before = await failed({ signal: given.signal });
    await new Promise((later) => setTimeout(later, 300));
    const states = openedTracks.map(({ readyState }) => readyState);
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException("", "NotAllowedError"));
    return { left, before, states, refused: await failed({}) };
  });
  await close();
  expect(told).toEqual({
    left: "given up",
    before: "given up",
    states: ["ended"],
    refused: "microphone-refused",
  });
  expect(complaints).toEqual([]);
});

test("the element hears what is said while its engine is on its way, and lets go when it is removed", async () => {
  const { page, complaints, close } = await openCorePage({ microphone: sampleFile });
  let arrive = () => {};
  await page.route("**/tract_wasm.wasm", async (route) => {
    await new Promise<void>((asked) => {
      arrive = asked;
    });
    await route.continue();
  });
  await keepTracks(page);
  await page.evaluate(async () => {
    await import("./lib/elements.js" as string);
    const held = globalThis as unknown as { told: unknown[] };
    held.told = [];
    document.body.innerHTML = "<nnef-vad></nnef-vad>";
    const element = document.querySelector("nnef-vad");
    for (const type of ["speechend", "drop", "error"]) {
      element?.addEventListener(type, (event) => {
        const { start } = (event as CustomEvent).detail;
        held.told.push({ type, seconds: start / 16_000 });
      });
    }
  });
  const told = () => page.evaluate(() => (globalThis as unknown as { told: unknown[] }).told);
  const states = () => page.evaluate(() => openedTracks.map(({ readyState }) => readyState));
  const notice = page.locator("nnef-vad .notice");

  await page.getByRole("button", { name: "Listen" }).click();
  await expect(notice).toHaveText(/The engine is loading/);
  await page.waitForTimeout(3500);
  expect(await told()).toEqual([]);
  arrive();
  await expect(notice).toBeHidden();
  await expect.poll(told).toHaveLength(1);
  const [first] = (await told()) as { type: string; seconds: number }[];
  expect(first?.type).toBe("speechend");
  expect(first?.seconds).toBeLessThan(2);

  await page.evaluate(() => {
    const element = document.querySelector("nnef-vad");
    element?.remove();
    if (element) document.body.append(element);
  });
  await expect.poll(states).toEqual(["ended"]);
  const before = await told();
  await page.getByRole("button", { name: "Listen" }).click();
  await expect(notice).toHaveText(/The engine is loading/);
  expect(await states()).toEqual(["ended", "live"]);
  await page.evaluate(() => document.querySelector("nnef-vad")?.remove());
  await expect.poll(states).toEqual(["ended", "ended"]);
  arrive();
  await expect.poll(() => page.workers().length).toBe(0);
  expect(await told()).toEqual(before);
  await close();
  expect(complaints).toEqual([]);
});
