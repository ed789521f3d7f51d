import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { unzipSync } from "fflate";
import { computed, expect, rows, sample, sampleFile, test } from "../shared/page.js";

const HEADER_BYTES = 44;
const copies = 20;

/** The sample, `copies` times one after the other. */
async function longFile() {
  const wav = await readFile(sampleFile);
  const sound = wav.subarray(HEADER_BYTES);
  const header = Buffer.from(wav.subarray(0, HEADER_BYTES));
  header.writeUInt32LE(36 + copies * sound.length, 4);
  header.writeUInt32LE(copies * sound.length, 40);
  const buffer = Buffer.concat([header, ...Array.from({ length: copies }, () => sound)]);
  return { name: "long.wav", mimeType: "audio/wav", buffer };
}

const now = (page: Page) =>
  page
    .getByRole("slider", { name: "Time in view" })
    .evaluate((slider) => Number(slider.ariaValueNow));

async function save(page: Page, name: string) {
  await page.locator("#save-all summary").click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name }).click();
  await page.locator("#save-all summary").click();
  return readFile(await (await download).path());
}

test("a long recording: few elements, rows that lead there, all saved", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  await expect(page.locator("#minimap")).toBeHidden();
  await page.locator("#file").setInputFiles(await longFile());
  await expect(page.locator("#caption")).toHaveText(/^long\.wav\. Computed here/);
  await expect(page.locator("#minimap")).toBeVisible();
  expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(1000);

  const seconds = (copies * sample.length) / sample.sampleRate;
  await page.locator("#segments-scroller").evaluate((scroller) => {
    scroller.scrollTop = scroller.scrollHeight;
  });
  const last = page.locator("#segments tr").last();
  const { start, end } = sample.segments.at(-1) as { start: number; end: number };
  const from = seconds - (sample.length - start) / sample.sampleRate;
  await expect
    .poll(async () => Number.parseFloat((await rows(page)).at(-1)?.[0] ?? ""))
    .toBeCloseTo(from, 0);

  const csv = (await save(page, "Times, CSV")).toString().trim().split("\r\n");
  expect(csv.length - 1).toBeGreaterThan(copies);
  expect(Number(csv.at(-1)?.split(",")[0])).toBeCloseTo(from, 0);
  expect((await save(page, "Times, SRT")).toString()).toContain(`\n${csv.length - 1}\n`);
  expect((await save(page, "Audacity labels")).toString().match(/speech/g)).toHaveLength(
    csv.length - 1,
  );
  const sounds = unzipSync(await save(page, "Sound, zip"));
  expect(Object.keys(sounds)).toHaveLength(csv.length - 1);
  const samples = ((Object.values(sounds).at(-1)?.length ?? 0) - HEADER_BYTES) / 2;
  // The copies do not begin on the edge of a frame.
  expect(Math.abs(samples - (end - start))).toBeLessThanOrEqual(2 * sample.frameSamples);

  await page.locator("#segments-scroller").evaluate((scroller) => {
    scroller.scrollTop = 0;
  });
  await expect.poll(() => now(page)).toBeCloseTo(seconds, 0);
  await page.locator("#segments tr").first().getByRole("button", { name: /^Show/ }).click();
  expect(await now(page)).toBeLessThan(11);
  await page.locator("#minimap").click({ position: { x: 640, y: 16 } });
  expect(Math.abs((await now(page)) - seconds / 2)).toBeLessThan(10);
  await expect(last).toBeAttached();
});

test("a sideways wheel moves through time and stays on the page", async ({ page, site }) => {
  await page.goto(`${site}embed/`);
  await page.goto(site);
  await computed(page);
  const before = await now(page);
  await page.mouse.move(500, 400);
  for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(-100, 0);
  await expect.poll(() => now(page)).toBeLessThan(before);
  for (let turn = 0; turn < 60; turn++) await page.mouse.wheel(100, 0);
  await expect.poll(() => now(page)).toBe(before);
  expect(page.url()).toBe(site);
  await page.mouse.wheel(0, 300);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
});

test("on a phone the name stays and one button holds the pages", async ({ page, site }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(site);
  await expect(page.getByRole("link", { name: "nnef-pulse" })).toBeVisible();
  const inspect = page
    .getByRole("navigation", { name: "Pages" })
    .getByRole("link", { name: "Inspect" });
  await expect(inspect).toBeHidden();
  await page.getByRole("button", { name: "Pages" }).click();
  await expect(inspect).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(inspect).toBeHidden();
});
