import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { attempt } from "../graph/command.mjs";
import { buildDir, inRoot } from "../paths.mjs";
import { thisMachine } from "../preflight/machine.mjs";
import { installPackages } from "../preflight/preflight.mjs";
import {
  canBuildStd,
  debianRustPackages,
  findDebianRust,
  findRust,
  hasWasmTarget,
  wasmTarget,
} from "../preflight/rust.mjs";
import { which } from "../which.mjs";

const record = ".build/rust.json";
/** What rustup calls the sources of the standard library. */
const standardSources = "rust-src";

/**
 * What Rust is used, by whole paths: one for this machine's own programs, and one for the engine.
 * That one builds the standard library too where it can: the engine is smaller with one made for
 * size, and Debian ships its sources only. `hasTarget`: it can do without.
 *
 * @typedef {import("../preflight/rust.mjs").Rust} Rust
 * @typedef {Rust & { buildsStd: boolean, hasTarget: boolean, linker?: string }} WebRust
 * @typedef {{ native: Rust, web: WebRust }} Toolchain
 */

/** @returns {import("../graph/graph.mjs").Step} */
export const rustTarget = () => ({
  name: "rust-target",
  title: `Adding ${wasmTarget} to Rust`,
  facts: async () => [JSON.stringify(await findRust(thisMachine())), standardSources],
  outputs: [record],
  isValid: async () => {
    const { native, web } = await toolchain().catch(() => /** @type {Partial<Toolchain>} */ ({}));
    return existsSync(native?.rustc ?? "") && existsSync(web?.rustc ?? "");
  },
  run: async (context) => {
    const { rust: native } = await findRust(thisMachine());
    if (!native) throw new Error("no Rust was found that is new enough");
    const found = { native, web: await chooseForWeb(native, context) };
    await mkdir(buildDir, { recursive: true });
    await writeFile(inRoot(record), JSON.stringify(found, null, 2));
  },
});

/** @returns {Promise<Toolchain>} what `rustTarget` found */
export const toolchain = async () => JSON.parse(await readFile(inRoot(record), "utf8"));

/**
 * The two routes: what rustup adds, else Debian's packages.
 * @param {Rust} native @param {import("../graph/graph.mjs").StepContext} context
 * @returns {Promise<WebRust>}
 */
async function chooseForWeb(native, { log, signal, say }) {
  const machine = thisMachine();
  const rustup = which("rustup", machine.path);
  if (rustup && !(await hasWasmTarget(machine, native))) {
    await attempt(rustup, ["target", "add", wasmTarget], { log, signal });
  }
  if (rustup && !(await canBuildStd(machine, native))) {
    await attempt(rustup, ["component", "add", standardSources], { log, signal });
  }
  const hasTarget = await hasWasmTarget(machine, native);
  const buildsStd = await canBuildStd(machine, native);
  if (hasTarget || buildsStd) return { ...native, buildsStd, hasTarget };
  const asDebian = { buildsStd: true, hasTarget: false, linker: "wasm-ld" };
  const debian = await findDebianRust(machine);
  if (debian) return { ...debian, ...asDebian };
  const line = `apt-get install ${debianRustPackages.join(" ")}`;
  if (!machine.isDebian) {
    throw new Error(`rustup could not add the target: run \`rustup target add ${wasmTarget}\``);
  }
  if (!machine.isRoot) throw new Error(`rustup could not add the target: run \`sudo ${line}\``);
  say(`rustup cannot bring it, running ${line}`);
  await installPackages(debianRustPackages, log);
  const installed = await findDebianRust(machine);
  if (!installed) throw new Error(`\`${line}\` brought no Rust that can build for the web`);
  return { ...installed, ...asDebian };
}
