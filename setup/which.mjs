import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

const endings = process.platform === "win32" ? [".exe", ".cmd", ".bat"] : [""];

/**
 * Every executable of that name, in the order of PATH.
 * @param {string} name @param {string} [path] a PATH to search instead of the process's own
 * @returns {string[]}
 */
export function whichAll(name, path = process.env.PATH ?? "") {
  return path
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => endings.map((ending) => join(folder, name + ending)))
    .filter(isExecutable);
}

/** The first of them. @param {string} name @param {string} [path] @returns {string | undefined} */
export const which = (name, path) => whichAll(name, path)[0];

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
