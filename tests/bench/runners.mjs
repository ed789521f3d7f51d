import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";
import { chromiumArguments, findChromium } from "../../setup/browser.mjs";
import { inRoot } from "../../setup/places.mjs";
import { mediaType } from "../../setup/serve/types.mjs";
import { cases, samplesOf } from "./cases.mjs";
import { ours, theirs } from "./contenders.mjs";
import { measure } from "./measure.mjs";

/**
 * @typedef {object} Material what is measured, as files
 * @property {string} archive the pulsed model of our bundle
 * @property {string} onnx the same weights as silero-vad ships them
 * @property {string} sound speech at 16 kHz
 * @property {string} peer folder of the package onnxruntime-web
 */

/** @param {Material} material @param {(name: string) => void} report */
export async function inNode({ archive, onnx, sound, peer }, report) {
  const [tractWasm, ort] = await Promise.all([
    import("tract-wasm"),
    import(pathToFileURL(join(peer, "dist", "ort.node.min.mjs")).href),
  ]);
  ort.env.logLevel = "error";
  const contenders = {
    ours: await ours(tractWasm, undefined, await readFile(archive)),
    theirs: await theirs(ort, await readFile(onnx)),
  };
  const { buffer, byteOffset, byteLength } = await readFile(sound);
  const wav = /** @type {ArrayBuffer} */ (buffer).slice(byteOffset, byteOffset + byteLength);
  return {
    measured: await measure(contenders, cases(samplesOf(wav)), report),
    version: process.version,
  };
}

const page = `<!doctype html>
<script type="importmap">{ "imports": { "tract-wasm": "/tract-wasm/index.js" } }</script>`;

/** A page of its own, isolated: only there does the browser's clock step by less than a pulse takes. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** @param {Material} material @param {(name: string) => void} report */
export async function inChromium({ archive, onnx, sound, peer }, report) {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("there is no Chromium");
  const browser = await chromium.launch({ executablePath, args: chromiumArguments });
  try {
    const tab = await browser.newPage();
    const folders = {
      "/tract-wasm/": inRoot("wasm", "dist"),
      "/onnxruntime-web/": join(peer, "dist"),
      "/bench/": inRoot("tests", "bench"),
    };
    const files = { "/archive": archive, "/onnx": onnx, "/sound": sound };
    await tab.route("**/*", async (route) => {
      const { pathname } = new URL(route.request().url());
      const folder = Object.entries(folders).find(([prefix]) => pathname.startsWith(prefix));
      const path = folder
        ? join(folder[1], pathname.slice(folder[0].length))
        : files[/** @type {keyof typeof files} */ (pathname)];
      const body = path ? await readFile(path) : page;
      const contentType = path ? mediaType(path).type : "text/html";
      await route.fulfill({ body, contentType, headers: isolation });
    });
    await tab.exposeFunction("report", report);
    tab.on("pageerror", (error) => console.error(error.message));
    await tab.goto("http://localhost/");
    const measured = await tab.evaluate(async () => {
      /** @param {string} path @returns {Promise<any>} */
      const load = (path) => import(path);
      /** @param {string} path */
      const bytes = async (path) => (await fetch(path)).arrayBuffer();
      const [{ ours, theirs }, { cases, samplesOf }, { measure }, tractWasm, ort] =
        await Promise.all(
          [
            "/bench/contenders.mjs",
            "/bench/cases.mjs",
            "/bench/measure.mjs",
            "tract-wasm",
            "/onnxruntime-web/ort.wasm.min.mjs",
          ].map(load),
        );
      ort.env.logLevel = "error";
      const contenders = {
        ours: await ours(
          tractWasm,
          new URL("/tract-wasm/tract_wasm.wasm", location.href),
          new Uint8Array(await bytes("/archive")),
        ),
        theirs: await theirs(ort, new Uint8Array(await bytes("/onnx"))),
      };
      const { report } = /** @type {any} */ (globalThis);
      return measure(contenders, cases(samplesOf(await bytes("/sound"))), report);
    });
    return {
      measured: /** @type {import("./measure.mjs").Measured[]} */ (measured),
      version: browser.version(),
    };
  } finally {
    await browser.close();
  }
}
