import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { which, whichAll } from "../which.mjs";
import { compareVersions, leastRust } from "./versions.mjs";

export const wasmTarget = "wasm32-unknown-unknown";

/** Debian's own Rust that can build its standard library for the web. */
export const debianRustPackages = ["rustc-web", "cargo-web", "rust-web-src", "lld"];

/**
 * @typedef {{ rustc: string, cargo: string, version: string }} Rust whole paths: several may be on
 *   PATH, and a cargo must go with its own rustc
 */

/**
 * @param {import("./machine.mjs").Machine} machine
 * @returns {Promise<{ rust?: Rust, others: string[] }>} the first that is new enough, and the
 *   versions that are not
 */
export async function findRust(machine) {
  const least = await leastRust();
  const others = [];
  for (const rustc of whichAll("rustc", machine.path)) {
    const answer = (await machine.ask(rustc, ["--version"])) ?? "";
    const version = /^rustc (\d+\.\d+\.\d+)/.exec(answer)?.[1];
    const cargo = which("cargo", dirname(rustc));
    if (!version || !cargo) continue;
    if (compareVersions(version, least) >= 0) return { rust: { rustc, cargo, version }, others };
    others.push(version);
  }
  return { others };
}

/**
 * Whether this Rust has the standard library for the web.
 * @param {import("./machine.mjs").Machine} machine @param {Rust} rust
 */
export async function hasWasmTarget(machine, rust) {
  const question = ["--print=target-libdir", `--target=${wasmTarget}`];
  const folder = await machine.ask(rust.rustc, question);
  if (!folder) return false;
  const files = await readdir(folder).catch(() => []);
  return files.some((name) => name.startsWith("libstd-"));
}

/**
 * Whether this Rust has what building its standard library for the web takes, as rustup's has once
 * `rust-src` is added: the sources, and a linker of its own.
 * @param {import("./machine.mjs").Machine} machine @param {Rust} rust
 */
export async function canBuildStd(machine, { rustc }) {
  const libdir = await machine.ask(rustc, ["--print", "target-libdir"]);
  const linker = libdir && (await stat(join(libdir, "..", "bin", "rust-lld")).catch(() => null));
  return Boolean(linker) && (await hasSources(machine, rustc));
}

/** @param {import("./machine.mjs").Machine} machine @param {string} rustc */
async function hasSources(machine, rustc) {
  const sysroot = await machine.ask(rustc, ["--print", "sysroot"]);
  const sources = join(sysroot ?? "", "lib/rustlib/src/rust/library/std/Cargo.toml");
  return Boolean(await stat(sources).catch(() => null));
}

/**
 * Debian's Rust with the sources of its standard library and the linker, whole.
 * @param {import("./machine.mjs").Machine} machine @returns {Promise<Rust | undefined>}
 */
export async function findDebianRust(machine) {
  // Named whole: where rustup is there too, its programs come first on PATH.
  const rustc = "/usr/bin/rustc";
  const cargo = "/usr/bin/cargo";
  if (!which("wasm-ld", machine.path)) return undefined;
  const version = /^rustc (\S+)/.exec((await machine.ask(rustc, ["--version"])) ?? "")?.[1];
  const whole =
    version && (await hasSources(machine, rustc)) && (await machine.ask(cargo, ["--version"]));
  return whole ? { rustc, cargo, version } : undefined;
}
