import { computed, expect, test } from "../shared/page.js";

test("the inspector opens under the running stream, which goes on", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  await page.getByRole("button", { name: "Play the sample" }).click();
  await expect(page.getByRole("button", { name: "Stop the sample" })).toBeVisible();
  await page.getByRole("button", { name: "Look inside" }).click();
  const inside = page.getByRole("region", { name: "Inside the model that runs" });
  await expect(inside.locator("nnef-text")).toContainText("fragment");
  expect((await page.locator("#strip").boundingBox())?.height).toBe(120);
  const pulses = await page.locator("#figure-pulses").textContent();
  await expect(page.locator("#figure-pulses")).not.toHaveText(pulses ?? "");

  await inside.getByRole("button", { name: "Run" }).click();
  await expect(inside.locator("nnef-run")).toBeVisible();

  await inside.getByRole("button", { name: "Close" }).click();
  await expect(inside).toBeHidden();
  await expect(page.getByRole("button", { name: "Look inside" })).toBeFocused();
  expect((await page.locator("#strip").boundingBox())?.height).toBe(320);
  await expect(page.locator("#figure-dropped")).toHaveText("0");
});
