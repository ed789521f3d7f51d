import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";
import { chromiumArguments, findChromium } from "../../../setup/browser.mjs";
import { median } from "../measure.mjs";
import { compared } from "../rows.mjs";
import { mediaType } from "./types.mjs";

/** Each start has a browser of its own, and nothing cached. */
export const starts = 15;

/**
 * @typedef {object} Host a static host that compresses with gzip; a page is what its own address says
 * @property {string} url
 * @property {() => number} sent bytes of bodies since it was last asked
 * @property {() => void} close
 */

/**
 * A row for each metric of what was read some times of each page: the medians, and the most of ours for the p99.
 *
 * @template {string} K
 * @param {string} name
 * @param {readonly (readonly [metric: string, what: K])[]} metrics
 * @param {Record<K, number>[]} ours
 * @param {string} peer
 * @param {Record<K, number>[]} theirs
 */
export const comparedMedians = (name, metrics, ours, peer, theirs) =>
  metrics.map(([metric, what]) => {
    const mine = ours.map((one) => one[what]);
    const peers = median(theirs.map((one) => one[what]));
    const most = Math.max(...mine);
    return compared(name, "chromium", metric, median(mine), peer, peers, most, mine.length);
  });

/** What is read of a start. */
export const startMetrics = /** @type {const} */ ([
  ["first_probability_ms", "ms"],
  ["transferred_gzip_bytes", "bytes"],
]);

/**
 * One start, from an empty page until it sets `globalThis.first`.
 *
 * @param {Host} host @param {string} page
 */
export async function start(host, page) {
  const browser = await open();
  try {
    const tab = await browser.newPage();
    host.sent();
    await tab.goto(host.url + encodeURIComponent(page));
    await tab.waitForFunction("globalThis.first", null, { timeout: 60_000 });
    const ms = /** @type {number} */ (await tab.evaluate("globalThis.first"));
    return { ms, bytes: host.sent() };
  } finally {
    await browser.close();
  }
}

export async function open() {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("there is no Chromium");
  return chromium.launch({
    executablePath,
    args: [
      ...chromiumArguments,
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
    ],
  });
}

/** @param {Record<string, string>} folders @returns {Promise<Host>} */
export async function startHost(folders) {
  let sent = 0;
  /** @type {Map<string, Promise<Buffer>>} */
  const packed = new Map();
  const server = createServer(async ({ url = "/" }, response) => {
    const { pathname, search } = new URL(url, "http://host");
    const folder = Object.keys(folders).find((prefix) => pathname.startsWith(prefix));
    if (folder === undefined && pathname !== "/page") {
      response.writeHead(404).end();
      return;
    }
    const path = join(folders[folder ?? ""] ?? "", pathname.slice(folder?.length));
    const page = `<!doctype html>${decodeURIComponent(search.slice(1))}`;
    const body =
      packed.get(url) ??
      (folder ? readFile(path) : Promise.resolve(page)).then((bytes) => gzipSync(bytes));
    packed.set(url, body);
    try {
      sent += (await body).length;
      response.setHeader("content-encoding", "gzip");
      response.setHeader("content-type", folder ? mediaType(path) : "text/html");
      response.end(await body);
    } catch {
      response.removeHeader("content-encoding");
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://localhost:${port}/page?`,
    sent() {
      const bytes = sent;
      sent = 0;
      return bytes;
    },
    close: () => server.close(),
  };
}
