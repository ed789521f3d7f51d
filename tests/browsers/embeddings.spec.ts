import { sample } from "../e2e/shared/page.js";
import { eventually, expect, test } from "./fixtures.js";
import { startStranger } from "./host.js";

interface Message {
  readonly origin: string;
  readonly source: string;
  readonly type: string;
  readonly [fact: string]: unknown;
}

declare global {
  var ready: Promise<void>;
  var segments: { start: number; end: number; samples: number }[];
  var told: Message[];
}

test("one script tag gives the element, which finds the sample's speech", async ({ tab, host }) => {
  await tab.open(`${host.site}pages/script-tag.html`);
  await eventually(tab, () => "ready" in globalThis).toBe(true);
  await tab.evaluate(() => ready);
  expect(await tab.evaluate(() => segments)).toEqual(
    sample.segments.map(({ start, end }) => ({ start, end, samples: end - start })),
  );
  const height = () => document.querySelector("nnef-vad")?.getBoundingClientRect().height;
  expect(await tab.evaluate(height)).toBe(230);
});

/** A page of another origin: plain HTML, one iframe, one listener. */
const around = (site: string, query: string) =>
  startStranger(`<!doctype html><title>a stranger's page</title>
    <script>
      const told = [];
      globalThis.told = told;
      addEventListener("message", ({ data, origin }) => told.push({ origin, ...data }));
    </script>
    <iframe src="${site}embed/vad.html?${query}" allow="microphone" width="100%" height="230"></iframe>`);

test("the frame tells a page of another origin what it finds in a file, never the sound", async ({
  tab,
  host,
}) => {
  const stranger = await around(host.site, "src=../sample/sample.wav");
  await tab.open(stranger.url);
  const ends = () => told.filter(({ type }) => type === "speechend");
  await eventually(tab, ends).toHaveLength(sample.segments.length);
  const messages = await tab.evaluate(() => told);
  const probabilities = messages.filter(({ type }) => type === "probability").map(({ p }) => p);
  expect(probabilities).toHaveLength(sample.probabilities.length);
  const found = messages.filter(({ type }) => type === "speechend");
  expect(found.map(({ start, end }) => ({ start, end }))).toEqual(sample.segments);
  expect(messages.filter(({ type }) => type === "resize").at(-1)?.height).toBe(230);
  const origin = new URL(host.site).origin;
  for (const message of messages) {
    expect(message).toMatchObject({ origin, source: "nnef-pulse" });
    for (const fact of Object.values(message)) expect(["string", "number"]).toContain(typeof fact);
  }
  await stranger.close();
});

test("the frame listens where the page around allows it", async ({ tab, host, drives }) => {
  test.skip(drives === "webkit", "WebKitGTK has no microphone that a test may open by itself");
  const stranger = await around(host.site, "");
  await tab.open(stranger.url);
  await eventually(tab, () => told.length).toBeGreaterThan(0);
  await tab.within("iframe", (frame) => frame.click("button", "Listen"));
  const heard = () => told.filter(({ type }) => type === "probability").length;
  await eventually(tab, heard).toBeGreaterThan(30);
  await stranger.close();
});
