import { readFileSync } from "node:fs";
import { nothingSerious } from "../shared/axe.js";
import { expect, test } from "../shared/page.js";

const listed = JSON.parse(
  readFileSync(new URL("../../../web/site/docs/pages.json", import.meta.url), "utf8"),
) as { id: string; title: string }[];

for (const [index, { id }] of listed.entries()) {
  test(`${id}: axe finds nothing serious, every link leads somewhere`, async ({ page, site }) => {
    const width = index % 2 === 0 ? 1280 : 390;
    await page.setViewportSize({ width, height: 844 });
    const response = await page.goto(`${site}docs/${id}/`);
    expect((await response?.body())?.length).toBeLessThan(300_000);
    await nothingSerious(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    const links = await page
      .locator("main a[href]")
      .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
    for (const url of new Set(links.filter((link) => link.startsWith(site)))) {
      const target = await page.request.get(url);
      expect(target.status(), url).toBe(200);
      const anchor = new URL(url).hash.slice(1);
      if (anchor) expect(await target.text(), url).toContain(`id="${anchor}"`);
    }
  });
}

test("the search finds terms, says when it finds nothing, and leads there", async ({
  page,
  site,
}) => {
  await page.goto(`${site}docs/`);
  const field = page.getByRole("searchbox", { name: "Search" });
  const results = page.locator("#search-results a");
  for (const word of ["delay", "AudioWorklet", "PulseError"]) {
    await field.fill(word);
    await expect(page.getByRole("status")).toHaveText(/^\d+ section/);
    await expect(results).not.toHaveCount(0);
  }
  await results.first().click();
  await expect(page.locator("main")).toContainText("PulseError");
  await page.goBack();
  await field.fill("no such word anywhere");
  await expect(page.getByRole("status")).toHaveText(/^Nothing found/);
  await expect(results).toHaveCount(0);
});

test("a missing address at any depth is a page of ours that leads on", async ({ page, site }) => {
  const response = await page.goto(`${site}docs/no/such/page/`);
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("No page at this address");
  await nothingSerious(page);
  await page.locator("main").getByRole("link", { name: "Walkthroughs" }).click();
  await expect(page).toHaveURL(`${site}walkthroughs/`);
});
