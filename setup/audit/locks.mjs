/**
 * A package that a lock names.
 *
 * @typedef {object} Locked
 * @property {"npm" | "crates.io" | "PyPI"} ecosystem as OSV calls it
 * @property {string} name
 * @property {string} version
 * @property {string} [licence] in SPDX, where the lock or the package tells it
 *
 * @typedef {{ packages: Locked[], problems: string[] }} Lock
 *   a problem is a sentence: which package, and what is wrong with its line
 */

/**
 * package-lock.json, version 3: each package by its SHA-512, from no address of its own, and none
 * that runs a script when it is installed. Links lead to the workspaces.
 *
 * @param {string} text
 * @returns {Lock}
 */
export function readNpmLock(text) {
  const { packages } = JSON.parse(text);
  const own = packages[""].workspaces;
  /** @type {Lock} */
  const lock = { packages: [], problems: [] };
  for (const [path, entry] of Object.entries(packages)) {
    if (!path.includes("node_modules/")) continue;
    const { version, license, integrity, resolved, link, hasInstallScript } = entry;
    const name = entry.name ?? path.split("node_modules/").at(-1);
    const problem = (/** @type {string} */ text) => lock.problems.push(`npm: ${name} ${text}`);
    if (link) {
      if (!own.includes(resolved)) problem(`is a link to ${resolved}, which is no workspace`);
      continue;
    }
    lock.packages.push({ ecosystem: "npm", name, version, licence: license ?? "none" });
    if (!/^sha512-[\w+/]{86}==$/.test(integrity ?? "")) problem("has no SHA-512");
    if (resolved !== undefined) problem("says where it is fetched from");
    if (hasInstallScript) problem("runs a script when it is installed");
  }
  return lock;
}

const cratesIo = "registry+https://github.com/rust-lang/crates.io-index";

/**
 * Cargo.lock: each crate from crates.io by its SHA-256, or one of ours.
 *
 * @param {string} text
 * @param {readonly string[]} own names of the crates of this repository
 * @returns {Lock}
 */
export function readCargoLock(text, own) {
  /** @type {Lock} */
  const lock = { packages: [], problems: [] };
  for (const entry of text.split("[[package]]").slice(1)) {
    const field = (/** @type {string} */ name) =>
      new RegExp(`^${name} = "(.*)"$`, "m").exec(entry)?.[1] ?? "";
    const [name, version, source] = [field("name"), field("version"), field("source")];
    const problem = (/** @type {string} */ text) =>
      lock.problems.push(`crates.io: ${name} ${text}`);
    if (source === "" && own.includes(name)) continue;
    lock.packages.push({ ecosystem: "crates.io", name, version });
    if (source !== cratesIo) problem(`comes from ${source || "a folder"}`);
    if (!/^[0-9a-f]{64}$/.test(field("checksum"))) problem("has no SHA-256");
  }
  return lock;
}

/**
 * requirements.lock, as pip reads it with `--require-hashes`: one version of each package and
 * marker, by the SHA-256 of its files; no option, address or folder.
 *
 * @param {string} text
 * @returns {Lock}
 */
export function readPythonLock(text) {
  /** @type {Lock} */
  const lock = { packages: [], problems: [] };
  const lines = text.replace(/\\\r?\n/g, " ").split(/\r?\n/);
  for (const line of lines.filter((each) => each.trim() !== "" && !each.startsWith("#"))) {
    const [, name, version, hashes] = requirement.exec(line) ?? [];
    if (name && version && hashes) lock.packages.push({ ecosystem: "PyPI", name, version });
    else lock.problems.push(`PyPI: no version with its SHA-256 in "${line.trim().slice(0, 80)}"`);
  }
  return lock;
}

const requirement =
  /^([a-z\d][a-z\d.-]*)==(\S+)(?: ; (?:(?! --).)+?)?((?: +--hash=sha256:[\da-f]{64})+)\s*$/;
