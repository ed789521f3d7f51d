import { eventually, expect, test } from "../fixtures.js";
import type { Memory } from "./figures.js";
import { expectFlat, keep, largest } from "./judge.js";

/** Seconds of sound in real time; the environment may say less, to try. */
const LIVE = Number(process.env.ENDURANCE_LIVE_SECONDS ?? 600);
/** Samples of a pulse, at 16 kHz. */
const PULSE = 512;
/** Bytes of an array and its buffer besides what they hold, about. */
const ARRAY = 160;
/** Bytes the page records: each pulse in an array of its own. */
const KEPT = Math.ceil((16_000 * LIVE) / PULSE) * (4 * PULSE + ARRAY);
/** Bytes by which all of a browser may be larger after a run than after its first tenth: it collects when it likes. */
const SLACK = 64_000_000;
/** Looks at the browser's memory over a run. */
const LOOKS = 10;

declare global {
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
  const { memory, dropped, errors } = found;
  const frames = found.probabilities.length;
  await keep({
    browser: drives,
    what: "live",
    seconds: LIVE,
    frames,
    error,
    dropped,
    faster: null,
    memory,
    processBytes,
  });
  expect(error).toBeLessThan(1e-4);
  expect(dropped).toBe(0);
  expect(errors).toEqual([]);
  expectFlat(memory, KEPT);
  const [first, last] = [processBytes[0], processBytes.at(-1)];
  if (first !== undefined && last !== undefined) expect(last - first - KEPT).toBeLessThan(SLACK);
});
