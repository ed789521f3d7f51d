import { dirname } from "node:path";
import { wasmTarget } from "../preflight/rust.mjs";
import { cargoEnvironment } from "../steps/cargo.mjs";
import { toolchain } from "../steps/rust-target.mjs";
import { section } from "./document.mjs";
import { textsIn } from "./texts.mjs";

/** @typedef {import("../graph/graph.mjs").StepContext["command"]} Run */

/**
 * A crate as `cargo metadata` tells it.
 *
 * @typedef {object} Crate
 * @property {string} name
 * @property {string} version
 * @property {string | null} license
 * @property {string | null} repository
 * @property {string | null} source null for a crate of this repository
 * @property {string} manifest_path
 */

const engine = ["--manifest-path", "wasm/Cargo.toml", "--locked"];

/**
 * The crates that the engine's lock names for the web, from what is on this machine; cargo asks the
 * network only for what is missing.
 *
 * @param {Run} command
 * @returns {Promise<Crate[]>}
 */
export async function lockedCrates(command) {
  const { web } = await toolchain();
  const options = ["--format-version", "1", "--filter-platform", wasmTarget];
  const env = cargoEnvironment(web);
  return JSON.parse(await command(web.cargo, ["metadata", ...engine, ...options], { env }))
    .packages;
}

/**
 * Those of others that are linked into it: neither what builds nor what tests, nor macros, which
 * run in the compiler.
 *
 * @param {Run} command
 */
async function linkedCrates(command) {
  const { web } = await toolchain();
  const kinds = ["--edges", "normal,no-proc-macro", "--target", wasmTarget];
  const form = ["--prefix", "none", "--format", "{p}"];
  const env = cargoEnvironment(web);
  const tree = await command(web.cargo, ["tree", ...engine, ...kinds, ...form], { env });
  const linked = new Set(tree.split("\n").map((line) => line.split(" ", 2).join(" ")));
  return (await lockedCrates(command)).filter(
    ({ name, version, source }) => source !== null && linked.has(`${name} v${version}`),
  );
}

/** In SPDX, where a crate still writes its choice as cargo once had it. @param {Pick<Crate, "license">} crate */
export const licenceOf = ({ license }) => (license ?? "none").replace(/\s*\/\s*/g, " OR ");

/**
 * A section for each crate of others that is linked into the engine.
 *
 * @param {Run} command
 */
export async function crateSections(command) {
  const linked = await linkedCrates(command);
  const texts = await Promise.all(
    linked.map((crate) => textsIn(dirname(crate.manifest_path), licenceOf(crate))),
  );
  return linked.map((crate, i) => {
    const own = texts[i] ?? [];
    // Published without: a crate of the same repository has what holds for all of them.
    const sibling = linked.findIndex(
      ({ repository, license }, j) =>
        repository === crate.repository && license === crate.license && texts[j]?.length,
    );
    return section({
      name: crate.name,
      version: crate.version,
      licence: licenceOf(crate),
      ...(crate.repository && { home: crate.repository }),
      texts: own.length > 0 ? own : (texts[sibling] ?? []),
    });
  });
}
