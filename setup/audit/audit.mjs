import { readFile } from "node:fs/promises";
import { command } from "../graph/command.mjs";
import { licenceOf, lockedCrates } from "../notices/crates.mjs";
import { installedPackages } from "../notices/installed.mjs";
import { inRoot } from "../places.mjs";
import { readCargoLock, readNpmLock, readPythonLock } from "./locks.mjs";
import { termProblems, withLicences } from "./terms.mjs";

const read = (/** @type {string} */ file) => readFile(inRoot(file), "utf8");

/**
 * The three locks as they lie in the repository.
 *
 * @returns {Promise<Record<string, import("./locks.mjs").Lock>>} by file
 */
export async function repositoryLocks() {
  const manifests = ["wasm/Cargo.toml", "wasm/fft/Cargo.toml", "wasm/rows/Cargo.toml"];
  const own = (await Promise.all(manifests.map(read))).map(
    (manifest) => /^name = "(.*)"$/m.exec(manifest)?.[1] ?? "",
  );
  return {
    "package-lock.json": readNpmLock(await read("package-lock.json")),
    "wasm/Cargo.lock": readCargoLock(await read("wasm/Cargo.lock"), own),
    "requirements.lock": readPythonLock(await read("requirements.lock")),
  };
}

/**
 * The locks with the terms of every package: npm's lock says them, the others' packages themselves
 * where they are here; those for other machines are not, and stay without.
 *
 * @returns {Promise<Record<string, import("./locks.mjs").Lock>>} by file
 */
export async function auditedLocks() {
  const [locks, known, installed] = await Promise.all([
    repositoryLocks(),
    lockedCrates(command),
    installedPackages(),
  ]);
  const crates = known.map((crate) => ({ ...crate, licence: licenceOf(crate) }));
  return Object.fromEntries(
    Object.entries(locks).map(([file, lock]) => {
      const told = file === "wasm/Cargo.lock" ? crates : installed;
      const packages = withLicences(lock.packages, told);
      return [file, { packages, problems: [...lock.problems, ...termProblems(packages)] }];
    }),
  );
}
