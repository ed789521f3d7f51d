import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";
import { chromiumArguments, findChromium } from "../../setup/browser.mjs";
import { inRoot } from "../../setup/places.mjs";
import { mediaType } from "../../setup/serve/types.mjs";
import { suite } from "./suite.mjs";

/**
 * @typedef {object} Material
 * @property {string} folder what `suite.mjs` gets, as files
 * @property {readonly string[]} models the cases of `models.py` that lie in it
 * @property {string} peer folder of the package onnxruntime-web
 */
/** @typedef {{ measured: import("./measure.mjs").Measured[], limit: number, version: string }} Result */

/** @param {Material} material @param {(name: string) => void} report @returns {Promise<Result>} */
export async function inNode({ folder, models, peer }, report) {
  const [{ loadTract }, ort] = await Promise.all([
    import("tract-wasm"),
    import(pathToFileURL(join(peer, "dist", "ort.node.min.mjs")).href),
  ]);
  const get = async (/** @type {string} */ path) =>
    new Uint8Array(await readFile(join(folder, path)));
  const result = await suite({ tract: await loadTract(), ort, get, models, report });
  return { ...result, version: process.version };
}

const page = `<!doctype html>
<script type="importmap">{ "imports": { "tract-wasm": "/tract-wasm/index.js" } }</script>`;

/** A page of its own, isolated: only there does the browser's clock step by less than a pulse takes. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** @param {Material} material @param {(name: string) => void} report @returns {Promise<Result>} */
export async function inChromium({ folder, models, peer }, report) {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("there is no Chromium");
  const browser = await chromium.launch({ executablePath, args: chromiumArguments });
  try {
    const tab = await browser.newPage();
    const folders = {
      "/tract-wasm/": inRoot("wasm", "dist"),
      "/onnxruntime-web/": join(peer, "dist"),
      "/tests/": inRoot("tests"),
      "/material/": folder,
    };
    await tab.route("**/*", async (route) => {
      const { pathname } = new URL(route.request().url());
      const held = Object.entries(folders).find(([prefix]) => pathname.startsWith(prefix));
      const path = held && join(held[1], pathname.slice(held[0].length));
      const body = path ? await readFile(path) : page;
      const contentType = path ? mediaType(path).type : "text/html";
      await route.fulfill({ body, contentType, headers: isolation });
    });
    await tab.exposeFunction("report", report);
    tab.on("pageerror", (error) => console.error(error.message));
    await tab.goto("http://localhost/");
    const result = await tab.evaluate(async (names) => {
      /** @param {string} path @returns {Promise<any>} */
      const load = (path) => import(path);
      const [{ suite }, { loadTract }, ort] = await Promise.all(
        ["/tests/bench/suite.mjs", "tract-wasm", "/onnxruntime-web/ort.wasm.min.mjs"].map(load),
      );
      const { report } = /** @type {any} */ (globalThis);
      return suite({
        tract: await loadTract({ wasm: new URL("/tract-wasm/tract_wasm.wasm", location.href) }),
        ort,
        get: async (/** @type {string} */ path) =>
          new Uint8Array(await (await fetch(`/material/${path}`)).arrayBuffer()),
        models: names,
        report,
      });
    }, models);
    return { .../** @type {Omit<Result, "version">} */ (result), version: browser.version() };
  } finally {
    await browser.close();
  }
}
