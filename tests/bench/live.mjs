import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";
import { chromiumArguments, findChromium } from "../../setup/browser.mjs";
import { inRoot } from "../../setup/places.mjs";
import { mediaType } from "../../setup/serve/types.mjs";
import { alone, compared } from "./rows.mjs";

/** Each start has a browser of its own, and nothing cached. */
const starts = 7;
const listenSeconds = 20;

/** The least a page needs of each library to see its first probability from the microphone. */
const pages = {
  ours: `<script type="module">
    import { Vad } from "/ours/vad.js";
    const { session } = await Vad.listen();
    session.addEventListener("probability", () => { globalThis.first ??= performance.now(); });
    globalThis.session = session;
  </script>`,
  /** @param {string} model */
  theirs: (
    model,
  ) => `<script src="/ort/ort.wasm.min.js"></script><script src="/theirs/bundle.min.js"></script>
  <script>
    vad.MicVAD.new({
      model: "${model}",
      baseAssetPath: "/theirs/",
      onnxWASMBasePath: "/ort/",
      onFrameProcessed: () => { globalThis.first ??= performance.now(); },
    }).then((made) => made.start());
  </script>`,
};

/**
 * @typedef {object} Host a static host that compresses with gzip; a page is what its own address says
 * @property {string} url
 * @property {() => number} sent bytes of bodies since it was last asked
 * @property {() => void} close
 */

/**
 * How long a stranger waits, and downloads, from an empty page to the first probability; and how long a pulse's events
 * take from the audio thread to the page.
 *
 * @param {string} vadWeb folder of the installed package @ricky0123/vad-web, its engine beside it
 * @param {string} peer
 * @param {(what: string) => void} report
 */
export async function live(vadWeb, peer, report) {
  const host = await startHost({
    "/ours/": inRoot("web", "dist"),
    "/theirs/": join(vadWeb, "dist"),
    "/ort/": join(vadWeb, "..", "..", "onnxruntime-web", "dist"),
  });
  try {
    /** @type {Record<"ours" | "legacy" | "v5", { ms: number, bytes: number }[]>} */
    const taken = { ours: [], legacy: [], v5: [] };
    for (let round = 0; round < starts; round++) {
      report(`start ${round + 1} of ${starts}`);
      taken.ours.push(await start(host, pages.ours));
      taken.legacy.push(await start(host, pages.theirs("legacy")));
      taken.v5.push(await start(host, pages.theirs("v5")));
    }
    report(`listening for ${listenSeconds} seconds`);
    const { latencyMs, pulses } = await listen(host.url);
    const ours = { ms: median(taken.ours, "ms"), bytes: median(taken.ours, "bytes") };
    const starting = /** @type {const} */ (["legacy", "v5"]).flatMap((model) =>
      /** @type {const} */ ([
        ["first_probability_ms", "ms"],
        ["transferred_gzip_bytes", "bytes"],
      ]).map(([metric, what]) => {
        const theirs = median(taken[model], what);
        const most = Math.max(...taken.ours.map((one) => one[what]));
        const name = `cold-start/${model}`;
        return compared(name, "chromium", metric, ours[what], peer, theirs, most, starts);
      }),
    );
    const { median: latency, p99 } = latencyMs;
    return [...starting, alone("microphone", "chromium", "event_latency_ms", latency, p99, pulses)];
  } finally {
    host.close();
  }
}

/** @template {string} K @param {Record<K, number>[]} list @param {K} what */
function median(list, what) {
  const sorted = list.map((one) => one[what]).sort((a, b) => a - b);
  return /** @type {number} */ (sorted[sorted.length >> 1]);
}

/** @param {Host} host @param {string} page */
async function start(host, page) {
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

/** @param {string} url */
async function listen(url) {
  const browser = await open();
  try {
    const tab = await browser.newPage();
    await tab.goto(url + encodeURIComponent(pages.ours));
    await tab.waitForFunction("globalThis.first", null, { timeout: 60_000 });
    await tab.waitForTimeout(listenSeconds * 1000);
    const figures = /** @type {import("../../web/src/session/figures.js").Figures} */ (
      await tab.evaluate("globalThis.session.figures")
    );
    if (figures.latencyMs === null || figures.dropped > 0) throw new Error("pulses were dropped");
    return { latencyMs: figures.latencyMs, pulses: figures.pulses };
  } finally {
    await browser.close();
  }
}

async function open() {
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
async function startHost(folders) {
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
      response.setHeader("content-type", folder ? mediaType(path).type : "text/html");
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
