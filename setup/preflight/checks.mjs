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
 * Something the machine missing.
 *
 * @typedef {object} MissingRequirement
 * @property {string} what in one sentence
 * @property {string} remedy what to do, or the line to run
 * @property {readonly string[]} [packages] Debian's packages that bring it
 */

/** @typedef {import("./machine.mjs").Machine} Machine */

/** @param {Machine} machine @returns {Promise<MissingRequirement[]>} */
async function node(machine) {
  const range = await nodeRange();
  if (satisfies(machine.node, range)) return [];
  return [
    {
      what: `Node ${range} is needed, this is ${machine.node}`,
      remedy: "install a current Node from https://nodejs.org, or run: nvm install --lts",
    },
  ];
}

/** The platforms without a wheel of `tract` for Python. @param {Machine} machine @returns {Promise<MissingRequirement[]>} */
async function platform({ platform, arch }) {
  const without =
    (platform === "linux" && arch !== "x64") || (platform === "darwin" && arch !== "arm64");
  if (!without) return [];
  return [
    {
      what: `the exporter's engine for Python (tract) is not published for ${platform} on ${arch}`,
      remedy: "use Linux on x86-64, macOS on Apple silicon, or Windows on x86-64",
    },
  ];
}

/** @param {Machine} machine @returns {Promise<MissingRequirement[]>} */
async function python(machine) {
  const { python, withoutVenv, others } = await findPython(machine);
  if (python) return [];
  const { least, most } = pythonVersions;
  if (withoutVenv) {
    const short = withoutVenv.split(".").slice(0, 2).join(".");
    return [
      {
        what: `Python ${withoutVenv} is there, but without its venv and ensurepip modules`,
        remedy: `install them, as in: sudo apt-get install python${short}-venv`,
        packages: [`python${short}-venv`],
      },
    ];
  }
  const found = others.length > 0 ? `, found only ${others.join(", ")}` : "";
  return [
    {
      what: `Python ${least} to ${most} is needed${found}`,
      remedy: "install one from https://www.python.org, or your system's python3 and python3-venv",
      ...(others.length === 0 && { packages: ["python3", "python3-venv"] }),
    },
  ];
}

/** @param {Machine} machine @returns {Promise<MissingRequirement[]>} */
async function git(machine) {
  if (which("git", machine.path)) return [];
  return [
    {
      what: "git is not installed",
      remedy: "install git from https://git-scm.com",
      packages: ["git"],
    },
  ];
}

/** @param {Machine} machine @returns {Promise<MissingRequirement[]>} */
async function rust(machine) {
  const { rust, others } = await findRust(machine);
  const installDebians = `sudo apt-get install ${debianRustPackages.join(" ")}`;
  const remedy = machine.isDebian
    ? `install Rust from https://rustup.rs, or run: ${installDebians}`
    : "install Rust from https://rustup.rs, or run: rustup update stable";
  if (!rust) {
    const found = others.length > 0 ? `, found only ${others.join(", ")}` : "";
    return [
      {
        what: `Rust ${await leastRust()} or later is needed${found}`,
        remedy,
        packages: debianRustPackages,
      },
    ];
  }
  const possible =
    (await hasWasmTarget(machine, rust)) ||
    which("rustup", machine.path) ||
    (await findDebianRust(machine));
  if (possible) return [];
  return [
    {
      what: `Rust ${rust.version} is there, but not its target ${wasmTarget}, nor rustup to add it`,
      remedy,
      packages: debianRustPackages,
    },
  ];
}

/** Rust links build scripts and native tests with it. @param {Machine} machine @returns {Promise<MissingRequirement[]>} */
async function linker(machine) {
  if (machine.platform === "win32" || which("cc", machine.path)) return [];
  return [
    {
      what: "there is no C compiler (cc), which Rust links with",
      remedy:
        machine.platform === "darwin"
          ? "run: xcode-select --install"
          : "install one, as in: sudo apt-get install gcc libc6-dev",
      packages: ["gcc", "libc6-dev"],
    },
  ];
}

/** Gigabytes a first set-up leaves behind: PyTorch's environment is most of the cache. */
const roomNeeded = { cache: 11, clone: 2 };

/** @param {Machine} machine @returns {Promise<MissingRequirement[]>} */
async function disk({ freeGigabytes }) {
  const cacheIsFilled = existsSync(join(cacheDir, "python"));
  const places = [
    { place: cacheDir, needed: cacheIsFilled ? 2 : roomNeeded.cache },
    { place: root, needed: roomNeeded.clone },
  ];
  return places.flatMap(({ place, needed }) => {
    const free = freeGigabytes(place);
    if (free >= needed) return [];
    return [
      {
        what: `${needed} GB of disk are needed at ${place}, ${free.toFixed(1)} are free`,
        remedy: "make room, or set XDG_CACHE_HOME to a folder on a larger disk",
      },
    ];
  });
}

const checks = [node, platform, python, git, rust, linker, disk];

/**
 * All that is missing, in one go and before anything is downloaded.
 *
 * @param {Machine} machine
 * @returns {Promise<MissingRequirement[]>}
 */
export async function findMissing(machine) {
  return (await Promise.all(checks.map((check) => check(machine)))).flat();
}
