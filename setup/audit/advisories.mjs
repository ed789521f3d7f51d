import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import semver from "semver";
import { command } from "../graph/command.mjs";
import { inVenv } from "../places.mjs";
import { boundsOf, findings, partsAbout } from "./osv.mjs";
import { normalName } from "./terms.mjs";

/** @typedef {import("./osv.mjs").Advisory} Advisory */
/** @typedef {import("./locks.mjs").Locked} Locked */

/**
 * The advisories of a folder, as osv.dev exports them and github/advisory-database keeps them: a
 * JSON file each, in any folders.
 *
 * @param {string} folder
 * @returns {Promise<Advisory[]>}
 */
export async function readAdvisories(folder) {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const advisories = [];
  for (const file of files.filter((name) => name.endsWith(".json"))) {
    const record = await readJson(join(folder, file));
    if (typeof record.id === "string" && Array.isArray(record.affected)) advisories.push(record);
  }
  if (advisories.length === 0) throw new Error(`${folder} holds no advisory in OSV form.`);
  return advisories;
}

/** @param {string} path */
async function readJson(path) {
  const text = await readFile(path, "utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} is no JSON: take a whole copy of the advisories.`, { cause });
  }
}

/**
 * Those of a database that are about packages in the locks, whatever version.
 *
 * @param {readonly Advisory[]} advisories
 * @param {readonly Locked[]} packages
 */
export function advisoriesAbout(advisories, packages) {
  const key = (/** @type {{ ecosystem: string, name: string }} */ { ecosystem, name }) =>
    `${ecosystem} ${normalName(name)}`;
  const locked = new Set(packages.map(key));
  return advisories.filter(({ affected }) =>
    affected?.some(({ package: it }) => it && locked.has(key(it))),
  );
}

/**
 * Locked versions that an advisory covers, each in the order of its own ecosystem.
 *
 * @param {readonly Advisory[]} advisories
 * @param {readonly Locked[]} packages
 */
export async function coveredVersions(advisories, packages) {
  const byPython = await pythonOrder(
    packages
      .filter(({ ecosystem }) => ecosystem === "PyPI")
      .flatMap((locked) => [
        locked.version,
        ...advisories.flatMap((each) => partsAbout(each, locked).flatMap(boundsOf)),
      ]),
  );
  return findings(advisories, packages, ({ ecosystem }) =>
    ecosystem === "PyPI" ? byPython : semanticOrder,
  );
}

/** npm's and cargo's; an advisory may leave out the last numbers. @param {string} a @param {string} b */
export function semanticOrder(a, b) {
  const [left, right] = [a, b].map((text) => {
    const version = semver.parse(text, true) ?? semver.coerce(text);
    if (!version) throw new Error(`"${text}" in an advisory is no version.`);
    return version;
  });
  return semver.compare(left ?? a, right ?? b);
}

/**
 * Python's (PEP 440), asked of its own library.
 *
 * @param {readonly string[]} versions all that will be compared
 * @returns {Promise<import("./osv.mjs").Compare>}
 */
export async function pythonOrder(versions) {
  const asked = [...new Set(versions)];
  const answer = await command(inVenv("python"), ["-c", rankVersions, ...asked]);
  const ranks = new Map(Object.entries(/** @type {Record<string, number>} */ (JSON.parse(answer))));
  const rank = (/** @type {string} */ version) => {
    const found = ranks.get(version);
    if (found === undefined) throw new Error(`${version} was not among the versions asked for.`);
    return found;
  };
  return (a, b) => rank(a) - rank(b);
}

/** Versions that are written differently and are the same get one rank. */
const rankVersions = `
import json, sys
from packaging.version import Version
ranks = {it: rank for rank, it in enumerate(sorted({Version(it) for it in sys.argv[1:]}))}
print(json.dumps({it: ranks[Version(it)] for it in sys.argv[1:]}))
`;
