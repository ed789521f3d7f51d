import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { inRoot, inVenv } from "../paths.mjs";
import { codeKeys, exporter } from "./code-keys.mjs";

/** The bundle the first page needs; everything else is made behind the running server. */
export const firstBundle = "silero-vad";

/** What the exporter can make, as it lists it itself. */
export const recipesFile = ".build/recipes.json";

/** @returns {import("../graph/graph.mjs").Step} */
export const recipes = () => ({
  name: "recipes",
  title: "Listing the recipes",
  needs: ["python"],
  inputs: [exporter, "requirements.lock"],
  outputs: [recipesFile],
  run: async ({ command }) => {
    const list = await command(inVenv("nnef-pulse"), ["recipes", "--json"]);
    await writeFile(inRoot(recipesFile), JSON.stringify(JSON.parse(list), null, 2));
  },
});

const tutorialText = "tutorial-text";
const vitScript = "demos/dynamic-batch/vit_b_16.py";
const vitArchive = "dist/tutorial/vit-b-16.nnef.tgz";

/**
 * Steps whose results a page shows with a bundle: they run first, so that both are there.
 * @type {Record<string, string[]>}
 */
const companions = { "digits-vit": [tutorialText] };

/**
 * The text of the tutorial's ViT-B/16: its weights would be hundreds of megabytes.
 * @returns {import("../graph/graph.mjs").Step}
 */
export const vitText = () => ({
  name: tutorialText,
  title: "Writing the text of ViT-B/16",
  needs: ["python"],
  inputs: ["requirements.lock"],
  facts: async () => Object.values(await codeKeys({ [tutorialText]: [vitScript] })),
  outputs: [vitArchive],
  cached: true,
  run: async ({ command }) => {
    await command(inVenv("python"), [vitScript, inRoot(vitArchive)]);
  },
});

/** @param {string} id */
export const bundleStepName = (id) => `bundle-${id}`;

/** The code that makes a recipe's bundle starts here: its own module, and the way into an export. @param {string} id */
const bundleCode = (id) => [
  `nnef_pulse.recipes.${id.replaceAll("-", "_")}`,
  "export_source",
  "export_bundle",
];

/**
 * Exports one recipe to dist/bundles/ID.
 * @param {string} id @param {readonly string[]} [all] the ids whose keys are computed at once
 * @returns {import("../graph/graph.mjs").Step}
 */
export const bundle = (id, all = [id]) => ({
  name: bundleStepName(id),
  title: `Making the bundle ${id}`,
  needs: ["python", ...(companions[id] ?? [])],
  inputs: ["requirements.lock"],
  facts: async () => {
    const keys = await codeKeys(Object.fromEntries(all.map((one) => [one, bundleCode(one)])));
    return [id, process.platform, process.arch, keys[id] ?? ""];
  },
  outputs: [`dist/bundles/${id}`],
  cached: true,
  run: async ({ command }) => {
    const half = inRoot(".build", "bundles", id);
    await rm(half, { recursive: true, force: true });
    await mkdir(inRoot(".build", "bundles"), { recursive: true });
    await command(inVenv("nnef-pulse"), ["export", id, "-o", half]);
    const whole = inRoot("dist", "bundles", id);
    await mkdir(inRoot("dist", "bundles"), { recursive: true });
    await rm(whole, { recursive: true, force: true });
    await rename(half, whole);
  },
});
