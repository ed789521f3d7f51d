import { copyFile, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { inRoot, inVenv, siteDir } from "../paths.mjs";
import { gzipStore, isCompressible } from "../serve/gzip.mjs";
import { bundleStepName, firstBundle } from "./bundles.mjs";
import { codeKeys } from "./code-keys.mjs";

const recorder = "web/site/sample/record.py";

/**
 * What the first page shows before the engine is there: the model's real result on the sample.
 *
 * @returns {import("../graph/graph.mjs").Step}
 */
export const sample = () => ({
  name: "sample",
  title: "Recording the sample's result",
  needs: [bundleStepName(firstBundle)],
  inputs: ["web/site/sample", `dist/bundles/${firstBundle}`, "requirements.lock"],
  facts: async () => Object.values(await codeKeys({ sample: [recorder] })),
  outputs: ["dist/sample/sample.json", "dist/sample/sample.wav", "dist/sample/spoken.json"],
  run: async ({ command }) => {
    const bundle = inRoot("dist", "bundles", firstBundle);
    await mkdir(inRoot("dist", "sample"), { recursive: true });
    const result = inRoot("dist", "sample", "sample.json");
    await command(inVenv("python"), [recorder, "--bundle", bundle, "--output", result]);
    for (const name of ["sample.wav", "spoken.json"]) {
      await copyFile(inRoot("web/site/sample", name), inRoot("dist/sample", name));
    }
  },
});

/** @returns {import("../graph/graph.mjs").Step} */
export const site = () => ({
  name: "site",
  title: "Building the site",
  needs: ["library", "sample"],
  // The exporter's wheel is part of the site: its reader runs in the page.
  inputs: [
    "web/site",
    "demos",
    "web/dist",
    "web/src",
    "setup/policy.mjs",
    "setup/notices",
    "setup/pack",
    "web/build/folder.mjs",
    "docs",
    "web/docs",
    "web/README.md",
    "wasm/README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "package-lock.json",
    "exporter/nnef_pulse",
    "pyproject.toml",
    "requirements.lock",
    "README.md",
  ],
  outputs: ["dist/index.html"],
  run: async ({ command }) => {
    await command("npx", ["vite", "build", "web/site"]);
    await compressLargeFiles();
  },
});

/** Bytes from which a file is compressed before it is asked for. */
const large = 256 * 1024;

/** So that the first visitor does not wait for it. */
async function compressLargeFiles() {
  const copies = [];
  for (const name of await readdir(siteDir, { recursive: true })) {
    const file = join(siteDir, name);
    const stats = await stat(file);
    if (!stats.isFile() || stats.size < large || !isCompressible(file)) continue;
    copies.push(await gzipStore.copyOf(file));
  }
  await gzipStore.keepOnly(copies);
}
