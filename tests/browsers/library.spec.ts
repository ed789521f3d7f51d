import { setTimeout as rest } from "node:timers/promises";
import { sample } from "../e2e/shared/page.js";
import { soundBundles } from "./bundles.js";
import type { Tab } from "./drive/tab.js";
import { eventually, expect, test } from "./fixtures.js";

interface Found {
  readonly times: number[];
  readonly probabilities: number[];
  readonly segments: { start: number; end: number }[];
  readonly errors: string[];
  readonly dropped: number;
}

interface Twice {
  readonly live: Found;
  readonly again: Found;
  readonly inputRate: number;
  readonly frameSamples: number;
}

declare global {
  var hearFile: (given: {
    bundle?: string;
    file?: string;
  }) => Promise<Found & { frameSamples: number }>;
  var heard: Promise<Twice>;
}

const page = (host: { site: string }, bundle?: string) =>
  `${host.site}pages/library.html${bundle === undefined ? "" : `?bundle=../bundles/${bundle}/`}`;

const loaded = (tab: Tab) => eventually(tab, () => "hearFile" in globalThis).toBe(true);

function largest(found: readonly number[], wanted: readonly number[]): number {
  expect(found).toHaveLength(wanted.length);
  return Math.max(...found.map((p, n) => Math.abs(p - (wanted[n] as number))));
}

/** What was heard live is what the recording of it gives, frame by frame. */
function same({ live, again, frameSamples }: Twice) {
  expect(live.errors).toEqual([]);
  expect(live.dropped).toBe(0);
  expect(live.times).toEqual(live.times.map((_, frame) => frame * frameSamples));
  expect(largest(live.probabilities, again.probabilities)).toBeLessThan(1e-4);
  expect(live.segments).toEqual(again.segments);
}

test("a file's probabilities and segments are the recorded ones", async ({ tab, host }) => {
  await tab.open(page(host));
  await loaded(tab);
  const found = await tab.evaluate(() => hearFile({}));
  expect(largest(found.probabilities, sample.probabilities)).toBeLessThan(1e-4);
  expect(found.segments).toEqual(sample.segments);
});

for (const { name } of soundBundles) {
  test(`${name}: a stream through the audio thread finds what its recording gives`, async ({
    tab,
    host,
  }) => {
    await tab.open(page(host, name));
    await loaded(tab);
    await tab.click("#stream");
    const twice = await tab.evaluate(() => heard);
    same(twice);
    expect(twice.live.segments.length).toBeGreaterThanOrEqual(sample.segments.length - 1);
  });
}

test("a hidden tab listens on, and loses nothing", async ({ own, tab, host, drives }) => {
  test.skip(drives === "webkit", "WebKitGTK's driver puts no tab in front of another");
  await tab.open(page(host));
  await loaded(tab);
  await tab.evaluate(() => {
    document.onvisibilitychange = () => {
      document.title += ` ${document.visibilityState}`;
    };
  });
  await tab.click("#stream");
  await own.hiddenWhile(() => rest(5000));
  same(await tab.evaluate(() => heard));
  expect(await tab.evaluate(() => document.title)).toMatch(/ hidden visible$/);
});

test("the microphone, too", async ({ tab, host, drives }) => {
  test.skip(drives === "webkit", "WebKitGTK has no microphone that a test may open by itself");
  await tab.open(page(host));
  await loaded(tab);
  await tab.click("#microphone");
  const twice = await tab.evaluate(() => heard);
  same(twice);
  expect(twice.live.times.length).toBeGreaterThan(60);
});
