import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "@playwright/test";
import { chromiumArguments, findChromium } from "../../setup/browser.mjs";
import { inRoot } from "../../setup/paths.mjs";
import { contentSecurityPolicy } from "../../setup/policy.mjs";

const sampleFile = inRoot("dist/sample/sample.wav");

/** Where the speech of the sample begins and ends (s), as the site was built with it. */
async function sampleSegments() {
  const { sampleRate, segments } = JSON.parse(
    await readFile(inRoot("dist/sample/sample.json"), "utf8"),
  );
  return segments.map((/** @type {{ start: number, end: number }} */ { start, end }) => [
    start / sampleRate,
    end / sampleRate,
  ]);
}

/** @type {Readonly<Record<string, string>>} */
const types = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

/**
 * Serves a folder as a plain static host does, below a sub-path and under a strict policy.
 *
 * @template T
 * @param {string} folder
 * @param {(url: string) => Promise<T>} use
 * @param {string} [policy]
 * @returns {Promise<T>}
 */
export async function served(folder, use, policy = contentSecurityPolicy) {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = normalize(new URL(url, "http://host").pathname).replace(/^\/sub\/path\//, "");
    const file = path === "" || path.endsWith("/") ? `${path}index.html` : path;
    const body = await readFile(join(folder, file)).catch(() => undefined);
    response.setHeader("content-security-policy", policy);
    response.setHeader("content-type", types[extname(file)] ?? "application/octet-stream");
    response.writeHead(body ? 200 : 404).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  const port = address && typeof address === "object" ? address.port : 0;
  try {
    return await use(`http://127.0.0.1:${port}/sub/path/`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/**
 * Opens a page in Chromium, whose microphone plays the sample once.
 *
 * @template T
 * @param {string} url
 * @param {(page: import("@playwright/test").Page) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function opened(url, use) {
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: [
      ...chromiumArguments,
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-audio-capture=${sampleFile}%noloop`,
    ],
  });
  /** @type {string[]} */
  const complaints = [];
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("response", (response) => {
      if (response.status() >= 400 && !response.url().endsWith("favicon.ico"))
        complaints.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(url);
    return await use(page);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new Error([what, ...complaints.slice(0, 8)].join("\n"), { cause: error });
  } finally {
    await browser.close();
  }
}

/** Presses Listen on the page of the documents, and compares what it finds with the sample. @param {string} url */
export const hearsSample = (url) =>
  opened(url, async (page) => {
    const wanted = await sampleSegments();
    await page.getByRole("button", { name: "Listen" }).click();
    await page
      .locator("li")
      .nth(wanted.length - 1)
      .waitFor();
    const rows = await page.locator("li").allTextContents();
    const found = rows.map((text) => (text.match(/[\d.]+/g) ?? []).map(Number));
    // The browser starts to play the file a moment after the microphone is on.
    const late = (found[0]?.[0] ?? 0) - wanted[0][0];
    const errors = wanted.map((/** @type {number[]} */ [start = 0, end = 0], n = 0) =>
      Math.max(
        Math.abs((found[n]?.[0] ?? Number.NaN) - late - start),
        Math.abs((found[n]?.[1] ?? Number.NaN) - late - end),
      ),
    );
    const largest = Math.max(...errors);
    if (!(found.length === wanted.length && late < 2 && largest <= 0.1))
      throw new Error(`segments ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`);
    return `${found.length} segments within ${Math.round(largest * 1000)} ms`;
  });

/** Opens the page of `everyEntry`, and waits until all it uses works. @param {string} url */
export const usesEveryEntry = (url) =>
  opened(url, async (page) => {
    try {
      await page.waitForFunction(() => document.body.dataset.result !== undefined);
    } catch (error) {
      const text = await page.evaluate(() => document.body.innerText.slice(0, 400));
      throw new Error(`${error}\n${text}`, { cause: error });
    }
    const result = await page.evaluate(() => document.body.dataset.result);
    if (result !== "done") throw new Error(`the page says: ${result}`);
    return "elements, inspector, look.css, reading and stream work";
  });
