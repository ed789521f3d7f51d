import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, sampleFile, test } from "../shared/page.js";
import { alive, number, openWalkthrough, runPython } from "./walkthrough.js";

const open = (page: Page, site: string) => openWalkthrough(page, site, "vad");

test("a file of the visitor's takes the sample's place, and Start over brings it back", async ({
  page,
  site,
}) => {
  await open(page, site);
  const section = await alive(page, "frame");
  const threshold = await alive(page, "threshold");
  const folder = await mkdtemp(join(tmpdir(), "nnef-pulse-"));
  const wav = await readFile(sampleFile);
  // The first four seconds, under a header of their own.
  const bytes = 4 * 16000 * 2;
  const cut = Buffer.concat([wav.subarray(0, 40), Buffer.alloc(4), wav.subarray(44, 44 + bytes)]);
  cut.writeUInt32LE(bytes, 40);
  cut.writeUInt32LE(36 + bytes, 4);
  await writeFile(join(folder, "mine.wav"), cut);
  await section.locator("input[type=file]").setInputFiles(join(folder, "mine.wav"));
  await expect(section.locator(".result")).toContainText("125 frames of mine.wav");
  await expect(threshold.locator(".result")).toContainText("found in mine.wav");
  await expect(number(page, "page:missed")).toHaveText("–");
  await writeFile(join(folder, "no.wav"), "nothing");
  await section.locator("input[type=file]").setInputFiles(join(folder, "no.wav"));
  await expect(section.locator(".result")).toHaveAttribute("data-right", "false");
  await page.getByRole("button", { name: "Start over" }).first().click();
  await expect(section.locator(".result")).toContainText("392 frames of the sample");
  await rm(folder, { recursive: true });
});

test("the Python of the page streams the reference and equals PyTorch", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "yourself");
  const lines = await runPython(section, "compared with PyTorch");
  expect(lines.filter((line) => /^speech from \d+ to \d+ ms$/.test(line)).length).toBeGreaterThan(
    0,
  );
  const error = /difference ([\d.e-]+)$/.exec(lines.at(-1) ?? "")?.[1];
  expect(Number(error)).toBeLessThanOrEqual(1e-4);
});

test("P presents one section a screen; figures fit into it", async ({ page, site }) => {
  await open(page, site);
  await page.keyboard.press("p");
  await expect(page.locator(".opening")).toBeVisible();
  await expect(page.locator(".walkthrough-links")).toBeHidden();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator("#frame")).toBeVisible();
  await expect(page.locator("#threshold")).toBeHidden();
  await page.keyboard.press("Escape");
  await expect(page.locator("#threshold")).toBeVisible();
});
