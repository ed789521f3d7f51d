import { nothingSerious } from "../shared/axe.js";
import { computed, expect, rows, sample, test } from "../shared/page.js";

for (const path of ["", "embed/", "docs/", "embed/vad.html"]) {
  for (const width of [1280, 390]) {
    test(`axe finds nothing serious: /${path}, ${width} px`, async ({ page, site }) => {
      await page.setViewportSize({ width, height: 844 });
      await page.goto(site + path);
      if (path === "") await computed(page);
      else await page.waitForLoadState("networkidle");
      await nothingSerious(page);
    });
  }
}

test("axe finds nothing serious in trouble", async ({ page, site }) => {
  await page.goto(`${site}?bundle=nowhere/`);
  await expect(page.locator(".notice")).toBeVisible();
  await page.locator(".notice").getByText("Details").click();
  await nothingSerious(page);
});

test("leads to the licences of its parts, which nobody fetches unasked", async ({ page, site }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(site);
  await computed(page);
  await page.waitForLoadState("networkidle");
  expect(asked).not.toContain("/THIRD-PARTY.txt");
  const worker = await page.request.get(`${site}sw.js`);
  expect(await worker.text()).not.toContain("THIRD-PARTY");
  await page.getByRole("link", { name: "Licences" }).click();
  await expect(page).toHaveURL(/\/THIRD-PARTY\.txt$/);
  await expect(page.locator("body")).toContainText("tract-core 0.");
});

test("everything can be reached and worked by keyboard", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  const names: string[] = [];
  for (let step = 0; step < 30; step++) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => {
      const at = document.activeElement;
      return at && at !== document.body ? (at.ariaLabel ?? at.textContent ?? "").trim() : "";
    });
    if (name === "") break;
    names.push(name);
  }
  for (const wanted of [
    /^Skip to content$/,
    /^Dark theme$/,
    /^Listen$/,
    /^Play the sample$/,
    /^Open a file$/,
  ]) {
    expect(names).toContainEqual(expect.stringMatching(wanted));
  }
  expect(names).toContainEqual(expect.stringMatching(/^Threshold/));
  expect(names).toContainEqual(expect.stringMatching(/^Time in view/));
  expect(names).toContainEqual(expect.stringMatching(/^Play the segment/));
  expect(names).toContainEqual(expect.stringMatching(/^Reset state/));
});

test("the threshold moves by keyboard and by hand, and the segments follow", async ({
  page,
  site,
}) => {
  await page.goto(site);
  await computed(page);
  const threshold = page.getByRole("slider", { name: /^Threshold/ });
  await threshold.focus();
  await page.keyboard.press("ArrowUp");
  await expect(threshold).toHaveAttribute("aria-valuenow", "0.51");
  await page.keyboard.press("PageDown");
  await expect(threshold).toHaveAttribute("aria-valuenow", "0.41");
  await page.keyboard.press("Home");
  await expect(threshold).toHaveAttribute("aria-valuenow", "0.01");
  expect((await rows(page)).length).not.toBe(sample.segments.length);
  await page.keyboard.press("End");
  await expect(threshold).toHaveAttribute("aria-valuenow", "0.99");

  const box = await page.locator(".strip-threshold-number").boundingBox();
  if (!box) throw new Error("the threshold has no number");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 + 60, { steps: 4 });
  await page.mouse.up();
  const value = async () => Number(await threshold.getAttribute("aria-valuenow"));
  await expect.poll(value).toBeLessThan(0.7);
});

test("the picture at rest is moved back in time by keyboard", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  const lookback = page.getByRole("slider", { name: "Time in view" });
  const value = async () => Number(await lookback.getAttribute("aria-valuenow"));
  const end = await value();
  await lookback.focus();
  await page.keyboard.press("ArrowLeft");
  await expect.poll(value).toBeCloseTo(end - 0.5, 5);
  await page.keyboard.press("Home");
  await expect(lookback).toHaveAttribute("aria-valuenow", "8.5");
});

test("the strip has a text alternative that says what was found", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  const { start, end } = sample.segments[0] as { start: number; end: number };
  const first = `${(start / 16000).toFixed(1)} to ${(end / 16000).toFixed(1)} s`;
  await expect(page.getByRole("img", { name: /^Sound above/ })).toHaveAccessibleName(
    new RegExp(first.replace(".", "\\.")),
  );
});

test("a chosen theme is kept and there before first paint", async ({ page, site }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(site);
  const ground = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  expect(await ground()).toBe("rgb(251, 250, 247)");
  await page.getByRole("button", { name: "Dark theme" }).click();
  expect(await ground()).toBe("rgb(15, 20, 24)");
  await page.reload();
  await expect(page.getByRole("button", { name: "Dark theme" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  expect(await ground()).toBe("rgb(15, 20, 24)");
});

test("nothing is wider than a phone, or than the narrowest frame", async ({ page, site }) => {
  for (const [path, width] of [
    ["", 390],
    ["embed/", 390],
    ["docs/coming-from-vad-web/", 390],
    ["embed/vad.html", 280],
  ] as const) {
    await page.setViewportSize({ width, height: 844 });
    await page.goto(site + path);
    if (path === "") await computed(page);
    else await page.waitForLoadState("networkidle");
    const sticksOut = await page.evaluate(() => {
      const inside = (root: ParentNode): Element[] =>
        [...root.querySelectorAll("*")].flatMap((at) => [
          at,
          ...(at.shadowRoot ? inside(at.shadowRoot) : []),
        ]);
      return inside(document)
        .filter(
          (at) => at.getBoundingClientRect().right > innerWidth + 0.5 && !at.closest("pre, .wide"),
        )
        .map((at) => at.outerHTML.slice(0, 80));
    });
    expect(sticksOut).toEqual([]);
  }
});

test("with reduced motion the strip turns a page a second", async ({ page, site }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(site);
  await computed(page);
  await page.getByRole("button", { name: "Play the sample" }).click();
  await expect(page.getByRole("button", { name: "Stop the sample" })).toBeVisible();
  // Distinct pictures over three seconds, or more where the machine is late: one a second, and one
  // for where it started.
  const [pictures, seconds] = await page.evaluate(async () => {
    const canvas = document.querySelector<HTMLCanvasElement>("#strip canvas");
    const seen = new Set<string>();
    const began = performance.now();
    const passed = () => (performance.now() - began) / 1000;
    while (passed() < 3 || (seen.size < 3 && passed() < 8)) {
      seen.add(canvas?.toDataURL() ?? "");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return [seen.size, passed()] as const;
  });
  expect(pictures).toBeGreaterThanOrEqual(3);
  expect(pictures).toBeLessThanOrEqual(Math.floor(seconds) + 2);
});
