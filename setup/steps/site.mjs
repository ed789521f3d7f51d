import { copyFile, mkdir, rm } from "node:fs/promises";
import { inRoot, inVenv } from "../paths.mjs";
import { gzipStore } from "../serve/gzip.mjs";
import { bundleStepName, firstBundle } from "./bundles.mjs";
import { codeKeys } from "./code-keys.mjs";

const recorder = "web/site/sample/record.py";

/**
 * What the first page shows before the engine is there: the model's real result on the sample.
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
    ...["web/site", "web/dist", "web/src", "web/build/notices", "demos", "setup/policy.mjs"],
    ...["docs", "web/docs", "web/README.md", "wasm/README.md", "README.md"],
    ...["CONTRIBUTING.md", "CHANGELOG.md", "package-lock.json"],
    ...["exporter/nnef_pulse", "pyproject.toml", "requirements.lock"],
  ],
  outputs: ["dist/index.html"],
  run: async ({ command }) => {
    await command("npx", ["vite", "build", "web/site"]);
    await rm(gzipStore.folder, { recursive: true, force: true }); // copies of what was replaced
  },
});

/** @returns {import("../graph/graph.mjs").Step} */
export const viewer = () => ({
  name: "viewer",
  title: "Building the pages of the wheel",
  needs: ["library"],
  inputs: [
    "web/viewer",
    "web/site",
    "web/dist",
    "setup/policy.mjs",
    "web/build/notices",
    "package-lock.json",
  ],
  outputs: [".build/viewer/index.html"],
  run: async ({ command }) => {
    await command("npx", ["vite", "build", "web/viewer"]);
  },
});
