import { readFileSync } from "node:fs";
import { nothingSerious } from "../shared/axe.js";
import { expect, test } from "../shared/page.js";

interface Row {
  readonly case: string;
  readonly runner: string;
  readonly metric: string;
  readonly ours: number;
  readonly peer: string | null;
  readonly ratio: number | null;
}
const { results } = JSON.parse(
  readFileSync(new URL("../../../web/site/figures/measured.json", import.meta.url), "utf8"),
) as { results: readonly Row[] };

for (const width of [1280, 390]) {
  test(`what was measured is shown, axe finds nothing serious: ${width} px`, async ({
    page,
    site,
  }) => {
    await page.setViewportSize({ width, height: 844 });
    await page.goto(`${site}figures/`);
    const silero = results.find(
      (row) =>
        row.case === "silero-vad" &&
        row.runner === "chromium" &&
        row.peer?.startsWith("onnxruntime-web"),
    );
    if (!silero?.ratio) throw new Error("silero-vad was not measured");
    const row = page.getByRole("row", { name: /^silero-vad chromium/ }).first();
    await expect(row).toContainText(silero.ratio.toFixed(2));
    const scrolls = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(scrolls).toBe(false);
    await nothingSerious(page);
  });
}

test("each number has its own unit", async ({ page, site }) => {
  await page.goto(`${site}figures/`);
  const ours = (metric: string) => {
    const row = results.find((row) => row.case === "engine-start" && row.metric === metric);
    if (!row) throw new Error(`${metric} of engine-start was not measured`);
    return row.ours;
  };
  const start = page.getByRole("row", { name: /^engine-start, beside/ });
  await expect(start).toContainText(`${Math.round(ours("first_probability_ms"))} ms`);
  const download = page.getByRole("row", { name: /^engine-start, download/ });
  await expect(download).toContainText(`${(ours("transferred_gzip_bytes") / 1e6).toFixed(2)} MB`);
});

test("a report of one's own is shown, and a file that is none is refused", async ({
  page,
  site,
}) => {
  await page.goto(`${site}figures/`);
  const give = (text: string) =>
    page.locator("#file").setInputFiles({
      name: "mine.json",
      mimeType: "application/json",
      buffer: Buffer.from(text),
    });
  const mine = {
    machine: { class: "a machine of mine" },
    skipped: [{ runner: "webkit", reason: "no WebKitWebDriver" }],
    results: [
      {
        case: "silero-vad",
        runner: "firefox",
        metric: "pulse_us",
        ours: 50,
        peer: "onnxruntime-web@0",
        theirs: 40,
        ratio: 1.25,
        p99: 60,
        theirP99: 48,
        rounds: 9,
        batch: 64,
      },
    ],
  };
  await give(JSON.stringify(mine));
  await expect(page.getByText("a machine of mine")).toBeVisible();
  const row = page.getByRole("row", { name: /silero-vad firefox/ }).first();
  await expect(row).toContainText("1.25");
  await expect(row).toContainText("60.0 µs48.0 µs");
  await expect(page.getByText("Nothing was measured in webkit: no WebKitWebDriver.")).toBeVisible();
  for (const bad of ["rubbish", "{}", '{"machine":{},"results":[{"case":1}]}', "null"]) {
    await give(bad);
    await expect(page.getByRole("alert")).toContainText("mine.json cannot be shown");
    await expect(page.getByText("a machine of mine")).toBeVisible();
  }
});
