import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheDir, root } from "../paths.mjs";
import { which } from "../which.mjs";
import { findPython } from "./python.mjs";
import {
  debianRustPackages,
  findDebianRust,
  findRust,
  hasWasmTarget,
  wasmTarget,
} from "./rust.mjs";
import { leastRust, nodeRange, pythonVersions, satisfies } from "./versions.mjs";

/**
 * Something that the machine lacks.
 *
 * @typedef {object} MissingRequirement
 * @property {string} what in one sentence
 * @property {string} remedy what to do, or the line to run
 * @property {readonly string[]} [packages] Debian's packages that bring it
 */

/** @typedef {(machine: import("./machine.mjs").Machine) => Promise<MissingRequirement[]>} Check */

/** @type {Check} */
async function node(machine) {
  const range = await nodeRange();
  if (satisfies(machine.node, range)) return [];
  const what = `Node ${range} is needed, this is ${machine.node}`;
  const remedy = "install a current Node from https://nodejs.org, or run: nvm install --lts";
  return [{ what, remedy }];
}

/** The platforms without a wheel of `tract` for Python. @type {Check} */
async function platform({ platform, arch }) {
  const without =
    (platform === "linux" && arch !== "x64") || (platform === "darwin" && arch !== "arm64");
  if (!without) return [];
  const what = `the exporter's engine for Python (tract) is not published for ${platform} on ${arch}`;
  const remedy = "use Linux on x86-64, macOS on Apple silicon, or Windows on x86-64";
  return [{ what, remedy }];
}

/** The end of a sentence that names what is too old. @param {readonly string[]} versions */
const foundOnly = (versions) => (versions.length > 0 ? `, found only ${versions.join(", ")}` : "");

/** @type {Check} */
async function python(machine) {
  const { python, withoutVenv, others } = await findPython(machine);
  if (python) return [];
  if (withoutVenv) {
    const name = `python${withoutVenv.split(".").slice(0, 2).join(".")}-venv`;
    const what = `Python ${withoutVenv} is there, but without its venv and ensurepip modules`;
    const remedy = `install them, as in: sudo apt-get install ${name}`;
    return [{ what, remedy, packages: [name] }];
  }
  const { least, most } = pythonVersions;
  const what = `Python ${least} to ${most} is needed${foundOnly(others)}`;
  const remedy =
    "install one from https://www.python.org, or your system's python3 and python3-venv";
  const packages = ["python3", "python3-venv"];
  return [{ what, remedy, ...(others.length === 0 && { packages }) }];
}

/** @type {Check} */
async function git(machine) {
  if (which("git", machine.path)) return [];
  const remedy = "install git from https://git-scm.com";
  return [{ what: "git is not installed", remedy, packages: ["git"] }];
}

/** @type {Check} */
async function rust(machine) {
  const { rust, others } = await findRust(machine);
  const possible =
    rust &&
    ((await hasWasmTarget(machine, rust)) ||
      which("rustup", machine.path) ||
      (await findDebianRust(machine)));
  if (possible) return [];
  const what = rust
    ? `Rust ${rust.version} is there, but not its target ${wasmTarget}, nor rustup to add it`
    : `Rust ${await leastRust()} or later is needed${foundOnly(others)}`;
  const line = machine.isDebian
    ? `sudo apt-get install ${debianRustPackages.join(" ")}`
    : "rustup update stable";
  const remedy = `install Rust from https://rustup.rs, or run: ${line}`;
  return [{ what, remedy, packages: debianRustPackages }];
}

/** Rust links build scripts and native tests with it. @type {Check} */
async function linker({ platform, path }) {
  if (platform === "win32" || which("cc", path)) return [];
  const what = "there is no C compiler (cc), which Rust links with";
  const packages = ["gcc", "libc6-dev"];
  const elsewhere = `install one, as in: sudo apt-get install ${packages.join(" ")}`;
  const remedy = platform === "darwin" ? "run: xcode-select --install" : elsewhere;
  return [{ what, remedy, packages }];
}

/** Gigabytes a first set-up leaves behind: PyTorch's environment is most of the cache. */
const roomNeeded = { cache: 11, clone: 2 };

/** @type {Check} */
async function disk({ freeGigabytes }) {
  const cacheIsFilled = existsSync(join(cacheDir, "python"));
  const places = [
    { place: cacheDir, needed: cacheIsFilled ? 2 : roomNeeded.cache },
    { place: root, needed: roomNeeded.clone },
  ];
  return places.flatMap(({ place, needed }) => {
    const free = freeGigabytes(place);
    if (free >= needed) return [];
    const what = `${needed} GB of disk are needed at ${place}, ${free.toFixed(1)} are free`;
    return [{ what, remedy: "make room, or set XDG_CACHE_HOME to a folder on a larger disk" }];
  });
}

const checks = [node, platform, python, git, rust, linker, disk];

/**
 * All that is missing, in one go and before anything is downloaded.
 * @param {import("./machine.mjs").Machine} machine @returns {Promise<MissingRequirement[]>}
 */
export async function findMissing(machine) {
  return (await Promise.all(checks.map((check) => check(machine)))).flat();
}
