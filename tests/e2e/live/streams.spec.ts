import { readFile } from "node:fs/promises";
import { hold } from "../shared/hold.js";
import {
  computed,
  expect,
  rows,
  rowsOf,
  sample,
  sampleAsMicrophone,
  sampleFile,
  test,
} from "../shared/page.js";

test.use({
  permissions: ["microphone"],
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: sampleAsMicrophone });
  },
});

test("listens, finds speech, pauses and goes on", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  await page.getByRole("button", { name: "Listen" }).click();
  await expect(page.locator("#caption")).toHaveText(/^Listening/);
  await expect(page.locator("#segments tr")).not.toHaveCount(0);
  await expect(page.locator("#segments tr button", { hasText: "Save" }).first()).toBeVisible();
  await expect(page.locator("#figure-dropped")).toHaveText("0");
  const kept = page.locator(".memory-cells");
  await expect(kept).not.toHaveAttribute("aria-label", /; 0 of them/);

  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.locator("#caption")).toHaveText("Paused. The microphone is off.");
  const found = (await rows(page)).length;
  const pulses = await page.locator("#figure-pulses").textContent();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.locator("#caption")).toHaveText(/^Listening/);
  await expect(page.locator("#figure-pulses")).not.toHaveText(pulses ?? "");
  expect((await rows(page)).length).toBeGreaterThanOrEqual(found);
});

test("plays the sample through the same path and finds the same speech", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  await page.getByRole("button", { name: "Play the sample" }).click();
  await expect(page.getByRole("button", { name: "Stop the sample" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Play the sample" })).toBeVisible({
    timeout: 30_000,
  });
  const found = (await rows(page)).reverse();
  const wanted = rowsOf(sample.segments, sample.sampleRate);
  expect(found.length).toBe(wanted.length);
  for (const [index, [start, length]] of found.entries()) {
    // The sound begins a moment after the stream, and both were resampled.
    expect(Number.parseFloat(start ?? "")).toBeCloseTo(
      Number.parseFloat(wanted[index]?.[0] ?? ""),
      -0.5,
    );
    expect(
      Math.abs(Number.parseFloat(length ?? "") - Number.parseFloat(wanted[index]?.[1] ?? "")),
    ).toBeLessThan(0.1);
  }
  await expect(page.locator("#figure-dropped")).toHaveText("0");
});

test("opens a file", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  await page.locator("#file").setInputFiles(sampleFile);
  await expect(page.locator("#caption")).toHaveText(/^sample\.wav\. Computed here: \d+ pulses in /);
  expect(await rows(page)).toEqual(rowsOf(sample.segments, sample.sampleRate));
});

test("plays and saves a segment", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  const first = page.locator("#segments tr").first();
  const download = page.waitForEvent("download");
  await first.getByRole("button", { name: /^Save/ }).click();
  const path = await (await download).path();
  const wav = await readFile(path);
  const { start, end } = sample.segments[0] as { start: number; end: number };
  expect(wav.length).toBe(44 + 2 * (end - start));
  expect(wav.subarray(44)).toEqual(
    (await readFile(sampleFile)).subarray(44 + 2 * start, 44 + 2 * end),
  );

  const play = first.getByRole("button", { name: /^Play/ });
  await play.click();
  await expect(play).toHaveAttribute("aria-pressed", "true");
  await expect(play).toHaveAttribute("aria-pressed", "false");
});

test("empties what the engine remembers", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  const kept = page.locator(".memory-cells");
  await page.getByRole("button", { name: "Play the sample" }).click();
  await expect(kept).not.toHaveAttribute("aria-label", /; 0 of them/);
  await page.getByRole("button", { name: "Stop the sample" }).click();
  await page.getByRole("button", { name: "Reset state" }).click();
  await expect(kept).toHaveAttribute("aria-label", /; 0 of them/);
});

test("says how far the engine is to whoever asks before it is there", async ({ page, site }) => {
  const arrive = await hold(page, "**/*.wasm");
  await page.goto(site);
  await page.getByRole("button", { name: "Listen" }).click();
  await expect(page.locator("#strip .notice")).toHaveText(/The engine is loading/);
  arrive();
  await expect(page.locator("#caption")).toHaveText(/^Listening/);
  await expect(page.locator(".notice")).toBeHidden();
});
