import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import type { Page } from "@playwright/test";
import { unzipSync } from "fflate";
import { expect, sample, sampleAsMicrophone, test } from "../shared/page.js";

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: sampleAsMicrophone });
  },
  permissions: ["clipboard-read", "clipboard-write"],
});

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** The author's own host: static files under a sub-path. */
async function startAuthorsHost(folder: string) {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = new URL(url, "http://host").pathname.replace("/their/site/", "/");
    const file = path.endsWith("/") ? `${path}index.html` : path;
    const body = await readFile(join(folder, file)).catch(() => undefined);
    if (body === undefined) response.writeHead(404).end();
    else response.setHeader("content-type", types[extname(file)] ?? "audio/wav").end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}/their/site/`, close };
}

/** Unpacks what the page's button gives, beside a page that holds the copied lines. */
async function follow(page: Page, folder: string) {
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download nnef-vad.zip" }).click();
  const archive = await readFile(await (await download).path());
  for (const [path, bytes] of Object.entries(unzipSync(archive))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByText("Copied")).toBeVisible();
  const lines = await page.evaluate(() => navigator.clipboard.readText());
  await writeFile(
    join(folder, "index.html"),
    `<!doctype html><title>mine</title><body>${lines}</body>`,
  );
}

for (const kind of ["vad-frame", "vad-element"]) {
  test(`copy and paste alone find speech on another host: ${kind}`, async ({
    page,
    context,
    site,
  }) => {
    const folder = await mkdtemp(join(tmpdir(), "nnef-pulse-author-"));
    const host = await startAuthorsHost(folder);
    await page.goto(`${site}embed/`);
    await page.getByRole("combobox", { name: "Show" }).selectOption(kind);
    await page.getByLabel("Silence that ends it, ms").fill("200");
    if (kind === "vad-frame") {
      await page.getByLabel("My site’s address").fill(new URL(host.url).origin);
    }
    await follow(page, folder);
    const theirs = await context.newPage();
    const told: string[] = [];
    const failed: string[] = [];
    theirs.on("console", (message) => told.push(message.text()));
    theirs.on("requestfailed", (request) => failed.push(request.url()));
    await theirs.goto(host.url);
    const where = kind === "vad-frame" ? theirs.frameLocator("iframe") : theirs;
    await where.getByRole("button", { name: "Listen" }).click();
    await expect
      .poll(() => told.filter((line) => /^Speech from /.test(line)).length)
      .toBeGreaterThan(1);
    expect(failed).toEqual([]);
    host.close();
    await rm(folder, { recursive: true });
  });
}

test("the preview runs what the lines say, and shows what the page is told", async ({
  page,
  site,
}) => {
  await page.goto(`${site}embed/`);
  await page.getByLabel("Threshold").fill("0.7");
  await expect(page.locator("#snippet")).toContainText("nnef-vad/vad.html?threshold=0.7");
  const frame = page.frameLocator("#preview iframe");
  await expect(frame.locator("nnef-vad")).toHaveAttribute("threshold", "0.7");
  await page.getByLabel("Threshold").fill("");
  await page.getByRole("button", { name: "Run the sample" }).click();
  for (const { start, end } of sample.segments.slice(-2)) {
    await expect(page.locator("#messages")).toContainText(`speechend  start ${start}  end ${end}`);
  }
  await page.getByRole("combobox", { name: "Show" }).selectOption("stream-frame");
  await page.getByLabel("Bundle").selectOption({ index: 1 });
  await page.getByRole("button", { name: "Run the sample" }).click();
  await expect(frame.locator("nnef-stream [part=status]")).toHaveText(/^\d+ pulses$/);
  await page.getByRole("combobox", { name: "Show" }).selectOption("inspector-frame");
  await expect(frame.locator("nnef-inspector").first()).toBeVisible();
  await page.getByRole("combobox", { name: "Show" }).selectOption("vad-element");
  await page.getByRole("button", { name: "Run the sample" }).click();
  const last = sample.segments.at(-1);
  await expect(page.locator("#messages")).toContainText(`end ${last?.end}`);
});

test("nothing of the page is wider than a phone", async ({ page, site }) => {
  await page.setViewportSize({ width: 390, height: 900 });
  await page.goto(`${site}embed/`);
  await expect(page.locator("#preview iframe")).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
