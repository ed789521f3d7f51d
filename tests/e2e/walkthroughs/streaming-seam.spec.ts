import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../shared/page.js";
import { alive, answer, number, openWalkthrough, slide } from "./walkthrough.js";

const WEIGHTS = [0.25, 0.5, 0.25];
const NUMBERS = [1, 4, 2, 6, 3, 7, 5, 8, 2, 6, 4, 1];
const PIECE = 6;

/** The filter as plain loops; it reads zeros before the first number. */
const filtered = (numbers: readonly number[]): number[] =>
  numbers.map((_, at) =>
    WEIGHTS.reduce((sum, weight, tap) => sum + weight * (numbers[at - 2 + tap] ?? 0), 0),
  );

const openSeam = async (page: Page, site: string): Promise<Locator> => {
  await openWalkthrough(page, site, "streaming");
  const section = await alive(page, "seam");
  await expect(section.locator(".result")).toContainText("wrong");
  return section;
};

/** Outputs as the page shows them, in order. */
const outputs = async (section: Locator, run: "whole" | "pieces"): Promise<number[]> => {
  const texts = await section.locator(`[data-run=${run}]`).allTextContents();
  return texts.map((text) => Number(text.replace("×", "").replace("−", "-")));
};

const expectOutputs = async (section: Locator, run: "whole" | "pieces", expected: number[]) => {
  const rounded = expected.map((value) => Number(value.toFixed(2)));
  await expect.poll(() => outputs(section, run)).toEqual(rounded);
};

const wrongOutputs = (section: Locator): Promise<number[]> =>
  section
    .locator("[data-run=pieces]")
    .evaluateAll((all) => all.flatMap((it, at) => ("wrong" in it.dataset ? [at] : [])));

test("outputs after a cut are wrong until the numbers before it are carried over", async ({
  page,
  site,
}) => {
  const section = await openSeam(page, site);
  const alone = [...filtered(NUMBERS.slice(0, PIECE)), ...filtered(NUMBERS.slice(PIECE))];
  await expectOutputs(section, "whole", filtered(NUMBERS));
  await expectOutputs(section, "pieces", alone);
  expect(await wrongOutputs(section)).toEqual([6, 7]);
  await section.getByRole("button", { name: /Carry number 6/ }).click();
  await expect.poll(() => wrongOutputs(section)).toEqual([6]);
  await section.getByRole("button", { name: /Carry number 5/ }).click();
  await expect.poll(() => wrongOutputs(section)).toEqual([]);
  await expectOutputs(section, "pieces", filtered(NUMBERS));
  await expect(section.locator(".result")).toContainText("gives the same outputs; it kept 3 and 7");
  await expect(number(page, "page:seam.buffer")).toHaveText("3, 7");
});

test("numbers change by hand and by keyboard, and Start over restores them", async ({
  page,
  site,
}) => {
  const section = await openSeam(page, site);
  await slide(section.getByRole("slider", { name: "Number 5", exact: true }), 0);
  const last = section.getByRole("slider", { name: "Number 6", exact: true });
  await last.focus();
  await page.keyboard.press("ArrowUp");
  const changed = NUMBERS.with(4, 0).with(5, 8);
  await expectOutputs(section, "whole", filtered(changed));
  await expect(number(page, "page:seam.buffer")).toHaveText("0, 8");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect.poll(() => wrongOutputs(section)).toEqual([]);
  await page.getByRole("button", { name: "Start over" }).first().click();
  await expectOutputs(section, "whole", filtered(NUMBERS));
  expect(await wrongOutputs(section)).toEqual([6, 7]);
});

test("the engine judges how many numbers a kernel needs", async ({ page, site }) => {
  const section = await openSeam(page, site);
  await expect(await answer(section, 2)).toContainText("has 3 to read; it needs 5");
  await expect(await answer(section, 4)).toContainText("holds 4 numbers");
  await expect(section.locator(".verdict")).toHaveAttribute("data-right", "true");
});
