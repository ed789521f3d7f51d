import { readFile } from "node:fs/promises";
import { inRoot } from "../paths.mjs";

/**
 * Where each version is written once, and read from here.
 *
 * The Python range is that of the exporter's dependencies (torch needs 3.11; its and tract's wheels
 * reach to 3.13); the reader alone runs on older ones, so `requires-python` says less.
 */
export const pythonVersions = { least: "3.11", most: "3.13" };

/** @returns {Promise<string>} an npm range such as "^20.19.0 || >=22.12.0" */
export async function nodeRange() {
  return JSON.parse(await readFile(inRoot("package.json"), "utf8")).engines.node;
}

/** @returns {Promise<string>} the least rustc the engine's crate builds with */
export async function leastRust() {
  const manifest = await readFile(inRoot("wasm", "Cargo.toml"), "utf8");
  const least = /^rust-version\s*=\s*"([\d.]+)"/m.exec(manifest)?.[1];
  if (!least) throw new Error("there is no rust-version in wasm/Cargo.toml");
  return least;
}

/**
 * @param {string} a @param {string} b versions of numbers and dots; what is missing counts as 0
 * @returns {number} below, equal to or above 0, as a is to b
 */
export function compareVersions(a, b) {
  const whole = (/** @type {string} */ text) => `${text}.0.0`.split(".", 3).join(".");
  return whole(a).localeCompare(whole(b), "en", { numeric: true });
}

/**
 * Whether a version lies in an npm range made of `^x.y.z` and `>=x.y.z` joined by `||`: all that
 * package.json uses, and all that can be read before `npm ci`.
 * @param {string} version @param {string} range
 */
export function satisfies(version, range) {
  return range.split("||").some((text) => {
    const match = /^\s*(\^|>=)(\d+(?:\.\d+)*)\s*$/.exec(text);
    if (!match) throw new Error(`the range "${range}" is not understood`);
    const [, kind, least = ""] = match;
    if (compareVersions(version, least) < 0) return false;
    return kind === ">=" || Number.parseInt(version, 10) === Number.parseInt(least, 10);
  });
}
