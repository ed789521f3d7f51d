import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { inRoot, inVenv } from "../../../setup/places.mjs";
import { sampleFile } from "../../e2e/page.js";
import { eventually, expect, test } from "../fixtures.js";

/** Seconds of sound as a file, and of sound in real time; the environment may say less, to try. */
const LONG = Number(process.env.ENDURANCE_FILE_SECONDS ?? 3600);
const LIVE = Number(process.env.ENDURANCE_LIVE_SECONDS ?? 600);
/** How many times faster than it lasts a file has to be done. */
const FASTER = 30;
/** Bytes by which a page's heap may be larger after a run than before. */
const SLACK = 3_000_000;

const folder = inRoot(".build", "endurance");
const speech = inRoot("..", "shared", "audio", "speech-60s-16k.wav");

interface Memory {
  /** At every tenth of the run. */
  readonly engineBytes: readonly number[];
  /** Of the page; null where the browser does not tell. */
  readonly heapBefore: number | null;
  readonly heapAfter: number | null;
}

declare global {
  var hearLong: (file: string) => Promise<{
    probabilities: number[];
    memory: Memory;
    seconds: number;
    dropped: number;
  }>;
  var hearFor: (
    file: string,
    seconds: number,
  ) => Promise<{
    probabilities: number[];
    again: number[];
    memory: Memory;
    dropped: number;
    errors: string[];
  }>;
  var listening: ReturnType<typeof hearFor>;
}

test.beforeAll(() => {
  test.setTimeout(900_000);
  const script = fileURLToPath(new URL("./reference.py", import.meta.url));
  const source = existsSync(speech) ? speech : sampleFile;
  execFileSync(inVenv("python"), [script, source, String(LONG), folder]);
});

function largest(found: readonly number[], wanted: ArrayLike<number>): number {
  expect(found.length).toBe(wanted.length);
  return found.reduce((most, p, n) => Math.max(most, Math.abs(p - (wanted[n] as number))), 0);
}

/** The engine's from the first tenth on, the page's in all, but for what a recording keeps. */
function flat({ engineBytes, heapBefore, heapAfter }: Memory, kept = 0) {
  expect(engineBytes.length).toBeGreaterThan(5);
  expect(new Set(engineBytes.slice(1)).size).toBe(1);
  if (heapBefore !== null && heapAfter !== null)
    expect(heapAfter - heapBefore - kept).toBeLessThan(SLACK);
}

async function report(browser: string, what: string, figures: object) {
  await mkdir(folder, { recursive: true });
  const line = JSON.stringify({ browser, what, ...figures });
  console.log(line);
  await writeFile(inRoot(".build", "endurance", `${browser}-${what}.json`), `${line}\n`);
}

test(`${LONG} s of speech, faster than they last`, async ({ tab, host, drives }) => {
  await tab.open(`${host.site}pages/endurance.html`);
  await eventually(tab, () => "hearLong" in globalThis).toBe(true);
  const found = await tab.evaluate((file) => hearLong(file), `${host.site}endurance/long.wav`);
  const bytes = readFileSync(inRoot(".build", "endurance", "long.f32"));
  const wanted = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const error = largest(found.probabilities, wanted);
  const faster = LONG / found.seconds;
  const { memory, dropped } = found;
  await report(drives, "file", { seconds: LONG, error, faster, dropped, memory });
  expect(error).toBeLessThan(1e-4);
  expect(dropped).toBe(0);
  expect(faster).toBeGreaterThan(FASTER);
  flat(memory);
});

test(`${LIVE} s in real time, through the audio thread`, async ({ tab, host, drives }) => {
  await tab.open(`${host.site}pages/endurance.html`);
  await eventually(tab, () => "hearFor" in globalThis).toBe(true);
  await tab.evaluate(
    ({ file, seconds }) => {
      document.body.onclick = () => {
        globalThis.listening = hearFor(file, seconds);
      };
    },
    { file: `${host.site}sample/sample.wav`, seconds: LIVE },
  );
  await tab.click("body");
  const found = await tab.evaluate(() => listening);
  const error = largest(found.probabilities, found.again);
  const { memory, dropped, errors } = found;
  const frames = found.probabilities.length;
  await report(drives, "live", { seconds: LIVE, frames, error, dropped, errors, memory });
  expect(error).toBeLessThan(1e-4);
  expect(dropped).toBe(0);
  expect(errors).toEqual([]);
  flat(memory, 4 * 16_000 * LIVE);
});
