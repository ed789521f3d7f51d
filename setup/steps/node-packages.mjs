import { readFile } from "node:fs/promises";
import { inRoot } from "../paths.mjs";

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
  const installed = await packagesOf(inRoot("node_modules", ".package-lock.json")).catch(
    () => null,
  );
  if (!installed) return false;
  const wanted = Object.entries(locked).filter(([path]) => path.startsWith("node_modules/"));
  return (
    wanted.every(
      ([path, { version, optional }]) => installed[path]?.version === version || optional,
    ) && Object.entries(installed).every(([path, { version }]) => locked[path]?.version === version)
  );
}

/** @param {string} lock @returns {Promise<Record<string, { version?: string, optional?: boolean }>>} */
const packagesOf = async (lock) => JSON.parse(await readFile(lock, "utf8")).packages;
