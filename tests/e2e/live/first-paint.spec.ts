import { computed, expect, rows, rowsOf, sample, test } from "../shared/page.js";

test("shows the sample's recorded result before the engine is there", async ({ page, site }) => {
  await page.route("**/*.wasm", (route) => route.abort());
  await page.goto(site);
  await expect(page.locator("#caption")).toHaveText("Recorded. Press Listen for yours.");
  await expect(page.locator("#segments tr")).toHaveCount(sample.segments.length);
  expect(await rows(page)).toEqual(rowsOf(sample.segments, sample.sampleRate));
});

test("needs no more for it than 1.6 Mbit/s bring in a second, and 4.5 MB for all", async ({
  page,
  site,
}) => {
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  const bytes = new Map<string, number>();
  const urls = new Map<string, string>();
  client.on("Network.requestWillBeSent", ({ requestId, request }) =>
    urls.set(requestId, request.url),
  );
  client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    bytes.set(urls.get(requestId) ?? requestId, encodedDataLength);
  });
  await page.goto(site);
  await computed(page);
  const sum = (wanted: (url: string) => boolean) =>
    [...bytes].filter(([url]) => wanted(url)).reduce((total, [, size]) => total + size, 0);
  const late = /\.wasm$|\.tgz$|\.wav$|worker|worklet|\/vad-|sw\.js$/;
  const early = sum((url) => !late.test(url));
  expect(early).toBeGreaterThan(50_000);
  expect(early).toBeLessThan(150_000);
  expect(sum(() => true)).toBeLessThan(4_500_000);
});

test("computes the sample here and finds what was recorded", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  await expect(page.locator("#caption")).toContainText(`${sample.probabilities.length} pulses`);
  expect(await rows(page)).toEqual(rowsOf(sample.segments, sample.sampleRate));
  await expect(page.locator("#figure-pulse")).toHaveText("512 samples · 32 ms");
  await expect(page.locator("#figure-delay")).toHaveText("none");
  await expect(page.locator("#figure-pulses")).toHaveText(String(sample.probabilities.length));
  await expect(page.locator("#figure-time")).toHaveText(/^\d+\.\d\d ms, \d+\.\d % of real time$/);
  await expect(page.locator(".notice")).toBeHidden();
});

for (const width of [1280, 390]) {
  test(`shifts nothing while it loads, ${width} px wide`, async ({ page, site }) => {
    await page.setViewportSize({ width, height: 844 });
    await page.addInitScript(() => {
      Object.assign(window, { shift: 0 });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          Object.assign(window, {
            shift: Reflect.get(window, "shift") + Reflect.get(entry, "value"),
          });
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(site);
    await computed(page);
    expect(await page.evaluate(() => Reflect.get(window, "shift"))).toBeLessThan(0.02);
  });
}
