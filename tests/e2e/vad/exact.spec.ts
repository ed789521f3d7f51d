import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { speechFile } from "../shared/sound-server.js";
import { openCorePage } from "./page.js";
import { type Reference, silero } from "./reference/reference.js";

test.skip(!existsSync(speechFile), "the 60 s of speech are not here");

test("every pulse of a file, and every segment, is what the silero-vad package says", async () => {
  const { page, complaints, close } = await openCorePage();
  const heard = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const vad = await Vad.open();
    const session = vad.file(await (await fetch("audio/speech-60s-16k.wav")).blob());
    const probabilities: number[] = [];
    const segments: [number, number][] = [];
    for await (const event of session.events()) {
      if (event.type === "probability") probabilities.push(event.p);
      if (event.type === "speechend") segments.push([event.start, event.end]);
    }
    return { probabilities, segments, figures: session.figures };
  });
  await close();
  const { probabilities, segments } = await silero(speechFile);
  expect(heard.probabilities).toHaveLength(1875);
  expect(probabilities).toHaveLength(1875);
  const errors = heard.probabilities.map((p, n) => Math.abs(p - (probabilities[n] as number)));
  expect(Math.max(...errors)).toBeLessThan(1e-4);
  expect(heard.segments).toEqual(segments);
  expect(segments.length).toBeGreaterThan(10);
  expect(heard.figures).toMatchObject({ pulses: 1875, dropped: 0, replaced: 0 });
  expect(complaints).toEqual([]);
});

for (const rate of [44100, 48000]) {
  test(`the microphone at ${rate} Hz gives the package's segments on what was captured`, async () => {
    const info = test.info();
    const { page, complaints, close } = await openCorePage({ microphone: speechFile });
    const heard = await capture(page, rate);
    await close();
    const recording = info.outputPath("captured.wav");
    await writeFile(recording, Buffer.from(heard.wav, "base64"));
    const reference = await silero(recording, speechFile);
    expect(heard.inputRate).toBe(rate);
    expect(heard.segments).toEqual(reference.segments);
    expect(heard.figures.dropped).toBe(0);
    expect(heard.errors).toEqual([]);
    expect(complaints).toEqual([]);
    const { compared, torn, far, merged } = compare(reference);
    const listed = { edgesCompared: compared, merged, torn };
    info.annotations.push({ type: "edges", description: JSON.stringify(listed) });
    expect(far).toEqual([]);
    expect(merged.length).toBeLessThan(4);
    expect(compared, "edges around which the browser lost no sound").toBeGreaterThan(2 * torn);
  });
}

async function capture(page: Page, sampleRate: number) {
  return page.evaluate(async (rate) => {
    const { Vad } = await import("./lib/vad.js" as string);
    const vad = await Vad.open();
    const audioContext = new AudioContext({ sampleRate: rate });
    const constraints = {
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
    };
    const session = await vad.listen({ record: true, audioContext, constraints });
    const inputRate: number = session.inputRate;
    setTimeout(() => session.stop(), 61_500);
    const segments: [number, number][] = [];
    const errors: string[] = [];
    for await (const event of session.events()) {
      if (event.type === "speechend") segments.push([event.start, event.end]);
      if (event.type === "error") errors.push(event.error.code);
    }
    const wav: Blob = session.recording().toWav({ format: "float32" });
    const address: string = await new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result as string);
      reader.readAsDataURL(wav);
    });
    return {
      inputRate,
      segments,
      errors,
      figures: session.figures,
      wav: address.slice(address.indexOf(",") + 1),
    };
  }, sampleRate);
}

/**
 * Pairs each edge of the original with the nearest in the recording, moved to where its sound lies there.
 * An edge only one of them has, where a gap was bridged or split by a hair, is listed and not compared.
 */
function compare({ segments, original = [], lateness = [] }: Reference) {
  const limit = 1600;
  const far: number[] = [];
  const merged: number[] = [];
  let [compared, torn] = [0, 0];
  for (const [n, edge] of original.flat().entries()) {
    const late = lateness.flat()[n];
    if (late === null || late === undefined) {
      torn += 1;
      continue;
    }
    const place = edge + late;
    const nearest = Math.min(...segments.flat().map((found) => Math.abs(found - place)));
    const bridged = segments.some(([start, end]) => start < place && place < end);
    if (nearest <= limit) compared += 1;
    else (bridged ? merged : far).push(place);
  }
  return { compared, torn, far, merged };
}
