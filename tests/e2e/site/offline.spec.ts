import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { handler } from "../../../setup/serve/listen.mjs";
import { computed, expect, siteTest, test } from "../shared/page.js";
import { alive, openWalkthrough } from "../walkthroughs/walkthrough.js";

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

test("after one visit to the first page every page opens with the network cut", async ({
  page,
  site,
  context,
}) => {
  await page.goto(site);
  await computed(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const links = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
  const doors = page.locator(".doors a");
  const hrefs = (all: (SVGElement | HTMLElement)[]) =>
    all.map((link) => (link as HTMLAnchorElement).href);
  const pages = [...(await links.evaluateAll(hrefs)), ...(await doors.evaluateAll(hrefs))];
  expect(pages.length).toBeGreaterThan(8);
  await (await context.newCDPSession(page)).send("Network.clearBrowserCache");
  await context.setOffline(true);
  for (const url of new Set(pages)) {
    await page.goto(`${url}?any=query`);
    await expect(page.locator("h1, nnef-inspector").first(), url).toBeVisible();
  }
});

test("keeps bundles and Python too when the visitor asks for all", async ({
  page,
  site,
  context,
}) => {
  await page.goto(site);
  await computed(page);
  await page.locator(".foot").scrollIntoViewIfNeeded();
  await page.getByRole("button", { name: /^Keep all for offline \(\d+ MB\)$/ }).click();
  await expect(page.locator("#kept")).toHaveText("All pages work offline.");
  await (await context.newCDPSession(page)).send("Network.clearBrowserCache");
  await context.setOffline(true);
  const answers = await page.evaluate(async () => {
    const bundles: { id: string }[] = await (await fetch("bundles/index.json")).json();
    const python: { bytes: object } = await (await fetch("python/index.json")).json();
    const paths = [
      ...bundles.map(({ id }) => `bundles/${id}/model.nnef.tgz`),
      ...Object.keys(python.bytes).map((name) => `python/${name}`),
    ];
    return Promise.all(paths.map(async (path) => (await fetch(path)).status));
  });
  expect(answers.length).toBeGreaterThan(10);
  expect(new Set(answers)).toEqual(new Set([200]));
  await page.reload();
  await page.locator(".foot").scrollIntoViewIfNeeded();
  await expect(page.locator("#kept")).toHaveText("All pages work offline.");
});

test("a full storage costs no response, and a query no copy", async ({ page, site, context }) => {
  await page.goto(site);
  await computed(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await computed(page);
  const [worker] = context.serviceWorkers();
  const count = () =>
    page.evaluate(async () => (await (await caches.open("used")).keys()).map(({ url }) => url));
  for (const query of ["?a", "?b", "?c"]) {
    await page.evaluate(
      (url) => fetch(url).then((it) => it.text()),
      `${site}THIRD-PARTY.txt${query}`,
    );
  }
  await expect
    .poll(async () => (await count()).filter((url) => url.includes("THIRD-PARTY")))
    .toEqual([`${site}THIRD-PARTY.txt`]);
  await worker?.evaluate(() => {
    Cache.prototype.put = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
  });
  const text = await page.evaluate(
    (url) => fetch(url).then((it) => it.text()),
    `${site}bundles/silero-vad/manifest.json`,
  );
  expect(JSON.parse(text).id).toBe("silero-vad");
});

test("a walkthrough works with the network cut once it was used", async ({
  page,
  site,
  context,
}) => {
  await openWalkthrough(page, site, "streaming");
  await alive(page, "sizes");
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  // What the first visit fetched is kept a moment after the worker takes charge.
  await expect(async () => {
    const missing = await page.evaluate(async () => {
      const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
      const kept = await Promise.all(
        loaded.map((url) => caches.match(url, { ignoreSearch: true })),
      );
      return loaded.filter((_url, index) => kept[index] === undefined);
    });
    expect(missing).toEqual([]);
  }).toPass();
  await page.waitForLoadState("networkidle");
  await context.setOffline(true);
  await page.reload();
  await alive(page, "sizes");
});

siteTest("works from a sub-path", async ({ page }) => {
  const server = createServer((request, response) => {
    if (!request.url?.startsWith("/some/where/")) response.writeHead(404).end();
    else {
      request.url = request.url.slice("/some/where".length);
      handler(request, response);
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/where/`;
  await page.goto(base);
  await computed(page);
  await page.getByRole("link", { name: "Embed" }).click();
  await expect(page).toHaveURL(`${base}embed/`);
  await page.getByRole("link", { name: "nnef-pulse", exact: true }).first().click();
  await expect(page).toHaveURL(base);
  server.close();
  server.closeAllConnections();
});
