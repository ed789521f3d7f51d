import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Locator, Page } from "@playwright/test";
import { build } from "vite";
import { inRoot } from "../../../setup/paths.mjs";
import { makeFolder } from "../../../web/build/folder.mjs";
import { expect, sample, sampleAsMicrophone, sampleFile, test } from "../shared/page.js";
import { openCorePage } from "../vad/page.js";
import { alive, openWalkthrough, slide } from "./walkthrough.js";

/** What of the walkthrough hears: the rest is in walkthrough-vad.spec.ts. */

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    const args = [...sampleAsMicrophone, "--autoplay-policy=no-user-gesture-required"];
    await use({ ...launchOptions, args });
  },
});

const open = (page: Page, site: string) => openWalkthrough(page, site, "vad");

const minSilence = (section: Locator, value: number) =>
  slide(section.getByRole("slider", { name: "min-silence-ms", exact: true }), value);

test("the sample as a stream is told as it becomes certain", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "live");
  await section.getByRole("button", { name: "Play the sample" }).click();
  const rows = section.locator(".events tbody tr");
  await expect(rows.filter({ hasText: "speechend" })).toHaveCount(sample.segments.length);
  const told = await rows.evaluateAll((all) =>
    all.map((row) => [...row.children].map((cell) => cell.textContent ?? "")),
  );
  const seconds = (text = "") => Number.parseFloat(text);
  for (const [at, { start, end }] of sample.segments.entries()) {
    const ends = told.filter(([what]) => what === "speechend").reverse();
    const starts = told.filter(([what]) => what === "speechstart").reverse();
    const lead = seconds(starts[0]?.[1]) - (sample.segments[0]?.start ?? 0) / 16000;
    // The stream began a little before the sound; the spans lie as far apart as in the file.
    expect(Math.abs(seconds(starts[at]?.[1]) - lead - start / 16000)).toBeLessThan(0.1);
    expect(Math.abs(seconds(ends[at]?.[1]) - lead - end / 16000)).toBeLessThan(0.1);
    expect(seconds(ends[at]?.[2])).toBeGreaterThanOrEqual(seconds(ends[at]?.[1]) + 0.1);
  }
});

test("the microphone is asked for by a click alone, and let go by Stop", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "live");
  await expect(section.locator(".events")).toContainText("Not listening");
  await section.getByRole("button", { name: "Listen" }).click();
  await expect(section.locator(".events tbody tr").first()).toContainText("speech");
  await section.getByRole("button", { name: "Stop" }).click();
  await expect(section.getByRole("button", { name: "Stop" })).toBeDisabled();
});

test("what it says to write works as it stands, on another origin", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "embed");
  await minSilence(section, 300);
  const home = await mkdtemp(inRoot(".build", "embedded-"));
  const written = new Map<string, string>();
  for (const way of ["Script tag", "Element", "npm"]) {
    await section.getByRole("button", { name: way, exact: true }).click();
    written.set(way, (await section.locator(".listing code").first().textContent()) ?? "");
  }
  await makeFolder(pathToFileURL(join(home, "nnef-vad/")));
  const script = `<!doctype html><meta charset="utf-8"><title>A page</title>${written.get("Script tag")}`;
  await writeFile(join(home, "script.html"), script);
  for (const [way, file] of [
    ["Element", "element"],
    ["npm", "npm"],
  ] as const) {
    await writeFile(join(home, `${file}.js`), written.get(way) ?? "");
    const html = `<!doctype html><meta charset="utf-8"><title>${way}</title><body><script type="module" src="./${file}.js"></script>`;
    await writeFile(join(home, `${file}.html`), html);
    await build({
      configFile: false,
      root: home,
      base: "./",
      logLevel: "warn",
      build: {
        outDir: join(home, `built-${file}`),
        target: "es2022",
        rolldownOptions: { input: join(home, `${file}.html`) },
      },
    });
  }
  const {
    page: stranger,
    complaints,
    close,
  } = await openCorePage({
    made: home,
    microphone: sampleFile,
  });
  try {
    stranger.setDefaultTimeout(25_000);
    const base = stranger.url();
    const logged: string[] = [];
    stranger.on("console", (message) => logged.push(message.text()));
    const at = (address: string) => stranger.goto(new URL(`made/${address}`, base).href);
    for (const address of ["script.html", "built-element/element.html"]) {
      await at(address);
      const vad = stranger.locator("nnef-vad");
      await expect(vad).toHaveAttribute("min-silence-ms", "300");
      await vad.getByRole("button", { name: "Listen" }).click();
      await expect(vad.locator(".status")).toContainText("found");
    }
    expect(logged.filter((line) => /^[\d.]+ [\d.]+$/.test(line))).not.toEqual([]);
    logged.length = 0;
    await at("built-npm/npm.html");
    await expect
      .poll(() => logged.filter((line) => /^[\d.]+ [\d.]+$/.test(line)).length)
      .toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  } finally {
    await close();
    await rm(home, { recursive: true, force: true });
  }
});

test("the frame it says to write works in a page of another origin", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "embed");
  await minSilence(section, 300);
  await section.getByRole("button", { name: "Frame", exact: true }).click();
  const snippet = await section.locator(".listing code").first().textContent();
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html").end(`<!doctype html>${snippet}`);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    // The fixture watches for other origins; here the stranger's page is one, on purpose.
    const stranger = await page.context().newPage();
    await stranger.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const inside = stranger.frameLocator("iframe");
    await expect(inside.locator("nnef-vad")).toHaveAttribute("min-silence-ms", "300");
    await inside.getByRole("button", { name: "Listen" }).click();
    await expect(inside.locator(".status")).toContainText("found");
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
