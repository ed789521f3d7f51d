import { computed, expect, test } from "./page.js";

test("works with the network cut once it was used", async ({ page, site, context }) => {
  await page.goto(site);
  await computed(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  await page.reload();
  await computed(page);
  await page.getByRole("button", { name: "Play the sample" }).click();
  await expect(page.locator("#figure-pulses")).not.toHaveText("0");
  await expect(page.getByRole("button", { name: "Stop the sample" })).toBeVisible();
  await page.goto(`${site}embed/`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("works from a sub-path", async ({ page, site }) => {
  const base = `${site}some/where/`;
  await page.route(`${base}**`, async (route) => {
    const { pathname, search } = new URL(route.request().url());
    const response = await route.fetch({
      url: `${site}${pathname.replace("/some/where/", "")}${search}`,
    });
    await route.fulfill({ response });
  });
  await page.goto(base);
  await computed(page);
  await page.getByRole("link", { name: "Embed" }).click();
  await expect(page).toHaveURL(`${base}embed/`);
  await page.getByRole("link", { name: "nnef-pulse", exact: true }).first().click();
  await expect(page).toHaveURL(base);
});
