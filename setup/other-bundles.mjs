import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { consoleListener, explain } from "./graph/console.mjs";
import { Graph } from "./graph/graph.mjs";
import { buildDir, inRoot, root } from "./paths.mjs";
import { cache } from "./set-up.mjs";
import { bundle, bundleStepName, firstBundle, recipesFile, vitText } from "./steps/bundles.mjs";
import { allSteps } from "./steps/index.mjs";

/**
 * The bundles the first page does not need. Some are trained, which takes minutes: the site is
 * served meanwhile, and `bundles/index.json` says how each stands.
 *
 * @typedef {{ id: string, title: string, kind: string, state: "ready" | "building" | "failed" }} Entry
 */

/**
 * Writes the index, with what is still to be made as "building".
 *
 * @returns {Promise<() => Promise<string[]>>} makes them, one after the other; gives those that failed
 */
export async function makeOtherBundles() {
  /** @type {Array<{ name: string, title: string, kind: string, onSite: boolean }>} */
  const recipes = JSON.parse(await readFile(inRoot(recipesFile), "utf8"));
  /** @type {Entry[]} */
  const entries = [];
  for (const { name: id, title, kind } of recipes.filter(({ onSite }) => onSite)) {
    entries.push({ id, title, kind, state: isMade(id) ? "ready" : "building" });
  }
  await writeIndex(entries);
  const others = entries.filter(({ id }) => id !== firstBundle);
  return async () => {
    const listener = consoleListener();
    const ids = others.map(({ id }) => id);
    const steps = [...allSteps(cache), vitText(), ...ids.map((id) => bundle(id, ids))];
    const graph = new Graph(steps, { root, buildDir, cache, listener });
    for (const entry of others) {
      try {
        await graph.run([bundleStepName(entry.id)]);
        entry.state = "ready";
      } catch (error) {
        console.error(explain(error));
        entry.state = "failed";
      }
      await writeIndex(entries);
    }
    listener.close();
    return others.filter(({ state }) => state === "failed").map(({ id }) => id);
  };
}

/** @param {string} id */
const isMade = (id) => existsSync(inRoot("dist", "bundles", id, "manifest.json"));

/** @param {readonly Entry[]} entries */
async function writeIndex(entries) {
  const path = inRoot("dist", "bundles", "index.json");
  await writeFile(`${path}.half`, `${JSON.stringify(entries, null, 2)}\n`);
  await rename(`${path}.half`, path);
}
