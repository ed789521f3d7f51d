import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inRoot, inVenv } from "../../../setup/paths.mjs";
import { sampleFile } from "../../e2e/shared/page.js";
import { eventually, expect, test } from "../fixtures.js";
import type { Memory } from "./figures.js";
import { expectFlat, folder, keep, largest } from "./judge.js";

/** Seconds of sound; the environment may say less, to try. */
const LONG = Number(process.env.ENDURANCE_FILE_SECONDS ?? 3600);
/** How many times faster than it lasts it has to be done. */
const FASTER = 30;

const speech = inRoot("..", "shared", "audio", "speech-60s-16k.wav");

declare global {
  var hearLong: (file: string) => Promise<{
    probabilities: number[];
    memory: Memory;
    seconds: number;
    dropped: number;
  }>;
}

test.beforeAll(() => {
  test.setTimeout(900_000);
  const script = fileURLToPath(new URL("./reference.py", import.meta.url));
  const source = existsSync(speech) ? speech : sampleFile;
  execFileSync(inVenv("python"), [script, source, String(LONG), folder]);
});

test(`${LONG} s of speech, faster than they last`, async ({ tab, host, drives }) => {
  await tab.open(`${host.site}pages/endurance.html`);
  await eventually(tab, () => "hearLong" in globalThis).toBe(true);
  const found = await tab.evaluate((file) => hearLong(file), `${host.site}endurance/long.wav`);
  const bytes = readFileSync(join(folder, "long.f32"));
  const wanted = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const error = largest(found.probabilities, wanted);
  const faster = LONG / found.seconds;
  const { memory, dropped } = found;
  const frames = wanted.length;
  await keep({
    browser: drives,
    what: "file",
    seconds: LONG,
    soundSeconds: null,
    frames,
    error,
    dropped,
    faster,
    memory,
    processBytes: [],
  });
  expect(error).toBeLessThan(1e-4);
  expect(dropped).toBe(0);
  expect(faster).toBeGreaterThan(FASTER);
  expectFlat(memory);
});
