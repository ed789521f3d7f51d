import { execFile } from "node:child_process";
import fs, { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { whichAll } from "../which.mjs";

const execute = promisify(execFile);

/**
 * What the checks may know of a machine. Tests give another.
 *
 * @typedef {object} Machine
 * @property {string} platform as process.platform
 * @property {string} arch as process.arch
 * @property {string} node its version, without the v
 * @property {boolean} isRoot
 * @property {boolean} isDebian
 * @property {string} path its PATH
 * @property {(place: string) => number} freeGigabytes room where a folder is, or will be, in 10⁹ bytes
 * @property {(program: string, args: string[]) => Promise<string | undefined>} ask what a program
 *   prints, or undefined where it fails
 */

/** @returns {Machine} the one this runs on */
export function thisMachine() {
  // rustup puts its programs on PATH by a line in a profile that not every shell reads.
  const path = [process.env.PATH ?? "", join(homedir(), ".cargo", "bin")].join(delimiter);
  return {
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    isRoot: process.getuid?.() === 0,
    isDebian:
      existsSync(osRelease) &&
      /^ID="?debian"?$/m.test(readFileSync(osRelease, "utf8")) &&
      whichAll("apt-get").length > 0,
    path,
    freeGigabytes,
    ask: (program, args) => ask(program, args, path),
  };
}

const osRelease = "/etc/os-release";

/** @param {string} program @param {string[]} args @param {string} path */
export async function ask(program, args, path) {
  try {
    const { stdout } = await execute(program, args, { env: { ...process.env, PATH: path } });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/** @param {string} place */
export function freeGigabytes(place) {
  if (!fs.statfsSync) return Number.POSITIVE_INFINITY; // a Node that is refused anyway
  let folder = place;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = fs.statfsSync(folder);
  return (bavail * bsize) / 1e9;
}
