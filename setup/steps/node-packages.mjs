import { readFile } from "node:fs/promises";
import { inRoot } from "../paths.mjs";

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Packages by path */

/** @returns {import("../graph/graph.mjs").Step} */
export const nodePackages = () => ({
  name: "node-packages",
  title: "Installing the npm packages",
  inputs: ["package-lock.json"],
  outputs: ["node_modules/.package-lock.json"],
  remedy:
    "npm could not install the packages: see that the network and the registry can be reached.",
  run: async ({ command }) => {
    if (await isInstalled()) return;
    await command("npm", ["ci", "--no-audit", "--no-fund"]);
  },
});

/**
 * Whether node_modules already holds what the lock file says, by npm's own record of it. `npm ci`
 * would empty it first, which disturbs whoever is using it.
 */
async function isInstalled() {
  const locked = await packagesOf(inRoot("package-lock.json"));
  /** @type {Packages} */
  const installed = await packagesOf(inRoot("node_modules/.package-lock.json")).catch(() => ({}));
  const isSame = (/** @type {string} */ path) => installed[path]?.version === locked[path]?.version;
  const wanted = Object.keys(locked).filter((path) => path.startsWith("node_modules/"));
  return (
    wanted.every((path) => isSame(path) || locked[path]?.optional) &&
    Object.keys(installed).every(isSame)
  );
}

/** @param {string} lock @returns {Promise<Packages>} */
const packagesOf = async (lock) => JSON.parse(await readFile(lock, "utf8")).packages;
