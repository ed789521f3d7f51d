import { eventually, expect, test } from "../fixtures.js";
import type { Memory } from "./figures.js";
import { expectFlat, keep, largest } from "./judge.js";

/** Seconds of sound in real time; the environment may say less, to try. */
const LIVE = Number(process.env.ENDURANCE_LIVE_SECONDS ?? 600);
/** Samples a second, and of a pulse. */
const RATE = 16_000;
const PULSE = 512;
/** Seconds between the clock's beginning and end and the recording's. */
const EDGES = 0.5;
/** Bytes of an array and its buffer besides what they hold, about. */
const ARRAY = 160;
/** Bytes the page records: each pulse in an array of its own. */
const KEPT = Math.ceil((RATE * LIVE) / PULSE) * (4 * PULSE + ARRAY);
/** Bytes by which all of a browser may be larger in the second half of a run than in the first, where it is least. */
const SLACK = 32_000_000;
/** Looks at the browser's memory over a run. */
const LOOKS = 10;

declare global {
  var hearFor: (
    file: string,
    seconds: number,
  ) => Promise<{
    probabilities: number[];
    again: number[];
    soundSeconds: number;
    memory: Memory;
    dropped: number;
    errors: string[];
  }>;
  var listening: ReturnType<typeof hearFor>;
}

test(`${LIVE} s in real time, through the audio thread`, async ({ tab, host, drives, driven }) => {
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
  const processBytes: number[] = [];
  const looking = setInterval(
    () => {
      const bytes = driven.privateBytes();
      if (bytes !== null && processBytes.length < LOOKS) processBytes.push(bytes);
    },
    (1000 * LIVE) / (LOOKS + 1),
  );
  const found = await tab.evaluate(() => listening);
  clearInterval(looking);
  const error = largest(found.probabilities, found.again);
  const { memory, dropped, errors, soundSeconds } = found;
  const frames = found.probabilities.length;
  await keep({
    browser: drives,
    what: "live",
    seconds: LIVE,
    soundSeconds,
    frames,
    error,
    dropped,
    faster: null,
    memory,
    processBytes,
  });
  expect(error).toBeLessThan(1e-4);
  expect(dropped).toBe(0);
  // All that the device gave was heard.
  expect(Math.abs((frames * PULSE) / RATE - soundSeconds)).toBeLessThan(EDGES);
  expect(errors).toEqual([]);
  expectFlat(memory, KEPT);
  if (processBytes.length > 0) {
    // A browser collects when it likes, by tens of megabytes: from one look to another says little.
    const half = Math.floor(processBytes.length / 2);
    const [early, late] = [processBytes.slice(0, half), processBytes.slice(half)];
    expect(Math.min(...late) - Math.min(...early) - KEPT).toBeLessThan(SLACK);
  }
});
