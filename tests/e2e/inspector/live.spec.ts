import { computed, expect, test } from "../shared/page.js";

test("Python loads inside the live page without a pulse being dropped", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  await page.getByRole("button", { name: "Play the sample" }).click();
  await page.getByRole("button", { name: "Look inside" }).click();
  const inside = page.locator("nnef-inspector");
  await expect(inside.locator(".graph-stage")).toHaveAttribute("aria-busy", "false");
  await inside.locator(".python-bar").getByRole("button", { name: "Python" }).click();
  await expect(inside.locator(".python-bar .passed")).toHaveText("ready");
  await expect(page.locator("#figure-dropped")).toHaveText("0");
});
