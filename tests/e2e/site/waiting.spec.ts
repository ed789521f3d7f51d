import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test } from "../shared/page.js";

/** The pages that are about a bundle, by `demos/walkthroughs.json`, and the inspector. */
const walkthroughs: readonly { readonly id: string; readonly bundle: string }[] = JSON.parse(
  readFileSync(new URL("../../../demos/walkthroughs.json", import.meta.url), "utf8"),
);

interface Entry {
  readonly id: string;
  state: "ready" | "building" | "failed";
}

/**
 * Has the site say that `slow` is being made and hold back its files, until the answer is called. All
 * else is the site's own.
 */
async function making(page: Page, site: string, slow: string): Promise<() => void> {
  let made = false;
  const asked: string[] = [];
  const list: Entry[] = await (await fetch(`${site}bundles/index.json`)).json();
  const rest = list.filter(({ id }) => id !== slow);
  await page.route("**/bundles/index.json", (route) =>
    route.fulfill({ json: [...rest, { id: slow, title: slow, kind: "", state: stateNow() }] }),
  );
  const within = (url: URL) => url.pathname.includes(`/bundles/${slow}/`);
  await page.route(within, (route) => {
    if (made) return route.continue();
    asked.push(route.request().url());
    return route.fulfill({ status: 404 });
  });
  const stateNow = () => (made ? "ready" : "building");
  return () => {
    expect(asked, "nothing of it is asked for before it is ready").toEqual([]);
    made = true;
  };
}

for (const { id, bundle } of walkthroughs) {
  test(`${id} waits for ${bundle}, says so, and comes alive by itself`, async ({ page, site }) => {
    const done = await making(page, site, bundle);
    await page.goto(`${site}walkthroughs/${id}/`);
    await page.evaluate(() => Object.assign(globalThis, { same: true }));
    const stage = page.locator(`section:not([data-beside]) .stage`).first();
    await expect(stage).toHaveAttribute("data-waiting", /being made/);
    // It asks again, and is told the same.
    await page.waitForResponse("**/bundles/index.json");
    await expect(stage).not.toHaveAttribute("data-live");
    await expect(page.locator("nnef-number .failed")).toHaveCount(0);
    done();
    await stage.scrollIntoViewIfNeeded();
    await expect(stage).toHaveAttribute("data-live", "");
    expect(await page.evaluate(() => Reflect.has(globalThis, "same"))).toBe(true);
  });
}

test("one section waits for its own bundle, the others do not", async ({ page, site }) => {
  const done = await making(page, site, "marblenet-vad");
  await page.goto(`${site}walkthroughs/vad/`);
  await expect(page.locator("#frame .stage")).toHaveAttribute("data-live", "");
  const stage = page.locator("#models .stage");
  await expect(stage).toHaveAttribute("data-waiting", /being made/);
  await page.locator("#state").scrollIntoViewIfNeeded();
  await expect(page.locator("#state .stage")).toHaveAttribute("data-live", "");
  done();
  await stage.scrollIntoViewIfNeeded();
  await expect(stage).toHaveAttribute("data-live", "");
  await expect(page.locator('nnef-number[path="page:other.values"]')).toHaveText(/\d/);
});

test("the inspector waits for the bundle it is to open, and for those of its list", async ({
  page,
  site,
}) => {
  const done = await making(page, site, "marblenet-vad");
  await page.goto(`${site}inspect/?bundle=../bundles/marblenet-vad/`);
  await expect(page.locator(".notice")).toContainText("is being made");
  const listed = page.locator("nnef-inspector option[value=marblenet-vad]");
  await expect(listed).toHaveCount(0);
  done();
  await expect(page.locator("nnef-inspector")).toContainText("MarbleNet");
  await expect(page.locator(".notice:visible")).toHaveCount(0);
  await expect(listed).toHaveCount(1);
});

test("the list of walkthroughs says whose model is being made, and draws it when it is", async ({
  page,
  site,
}) => {
  const done = await making(page, site, "silero-vad");
  await page.goto(`${site}walkthroughs/`);
  const entry = page.locator("li", { hasText: "Live voice activity" });
  await expect(entry.locator(".thumbnail")).toContainText("being made");
  await expect(entry).toContainText(/\d+ minutes/);
  done();
  await expect(entry.locator("canvas")).toHaveAttribute("aria-label", /spans of speech/);
  await entry.getByRole("link").click();
  await expect(page.locator(".walkthrough-links [aria-current=page]")).toHaveText("Live VAD");
});
