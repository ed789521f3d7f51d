import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { runnerImport } from "vite";
import { inRoot, root } from "../../../setup/paths.mjs";
import { planOf } from "../plans.mjs";
import { suite } from "../suite.mjs";
import { startHost } from "./host.mjs";

/**
 * @typedef {object} Material
 * @property {string} folder what `suite.mjs` gets, as files
 * @property {readonly string[]} models the cases of `models.py` that lie in it
 * @property {string} peer folder of the package onnxruntime-web
 */
/** @typedef {{ measured: import("../measure.mjs").Measured[], limit: number, version: string }} Result */
/** @typedef {import("../../browsers/drive/browsers.js").BrowserName} BrowserName */

/** @param {Material} material @param {(name: string) => void} report @returns {Promise<Result>} */
export async function inNode({ folder, models, peer }, report) {
  const [{ loadTract }, ort] = await Promise.all([
    import("tract-wasm"),
    import(pathToFileURL(join(peer, "dist", "ort.node.min.mjs")).href),
  ]);
  const get = async (/** @type {string} */ path) =>
    new Uint8Array(await readFile(join(folder, path)));
  const plan = planOf("node", models);
  const result = await suite({ tract: await loadTract(), ort, get, plan, report });
  return { ...result, version: process.versions.node };
}

/**
 * @param {BrowserName} name @param {Material} material @param {(name: string) => void} report
 * @returns {Promise<Result>}
 */
export async function inBrowser(name, { folder, models, peer }, report) {
  const { browsers } = await drivers();
  const host = await startHost({ folder, peer }, report);
  const driven = await browsers[name]();
  try {
    const version = await driven.version();
    const { tab, close } = await driven.newTab();
    await tab.open(host.url);
    // WebKitGTK's driver answers before an isolated page is there.
    while (!(await tab.evaluate(() => "measured" in globalThis))) await rest(50);
    /** @type {Omit<Result, "version">} */
    const result = await tab.evaluate(
      (plan) => /** @type {any} */ (globalThis).measured(plan),
      planOf(name, models),
    );
    await close();
    return { ...result, version };
  } finally {
    await driven.close();
    host.close();
  }
}

/** They are TypeScript, which not every Node this runs on reads by itself. */
async function drivers() {
  const file = inRoot("tests", "browsers", "drive", "browsers.ts");
  /** @type {{ module: typeof import("../../browsers/drive/browsers.js") }} */
  const { module } = await runnerImport(file, { configFile: false, root, logLevel: "error" });
  return module;
}
