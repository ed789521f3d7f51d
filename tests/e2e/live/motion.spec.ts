import type { Page } from "@playwright/test";
import { computed, expect, test } from "../shared/page.js";

/** Animation frames asked for within a second. */
async function framesASecond(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const before = Number(Reflect.get(window, "frames"));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return Number(Reflect.get(window, "frames")) - before;
  });
}

test.beforeEach(async ({ page, site }) => {
  await page.addInitScript(() => {
    Object.assign(window, { frames: 0 });
    const ask = requestAnimationFrame;
    window.requestAnimationFrame = (callback) => {
      Object.assign(window, { frames: Number(Reflect.get(window, "frames")) + 1 });
      return ask(callback);
    };
  });
  await page.goto(site);
  await computed(page);
});

test("nothing moves while nothing runs", async ({ page }) => {
  expect(await framesASecond(page)).toBe(0);
});

test("the strip moves while a stream runs, and not off screen", async ({ page }) => {
  await page.getByRole("button", { name: "Play the sample" }).click();
  await expect(page.getByRole("button", { name: "Stop the sample" })).toBeVisible();
  expect(await framesASecond(page)).toBeGreaterThan(10);
  await page.evaluate(() => {
    document.body.style.paddingBottom = "2000px";
    scrollTo(0, 1500);
  });
  await page.waitForTimeout(200);
  expect(await framesASecond(page)).toBe(0);
});
