import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { attempt } from "../graph/command.mjs";
import { buildDir, inRoot } from "../places.mjs";
import { thisMachine } from "../preflight/machine.mjs";
import { installPackages } from "../preflight/preflight.mjs";
import {
  debianRustPackages,
  findDebianRust,
  findRust,
  hasWasmTarget,
  wasmTarget,
} from "../preflight/rust.mjs";
import { which } from "../which.mjs";

const record = ".build/rust.json";

/**
 * How the engine is built: `rustc` and `cargo` by their whole paths, and whether the standard
 * library for the web has to be built too (Debian ships its sources only).
 *
 * @typedef {import("../preflight/rust.mjs").Rust & { buildsStd: boolean }} Toolchain
 */

/** @returns {import("../graph/graph.mjs").Step} */
export const rustTarget = () => ({
  name: "rust-target",
  title: `Adding ${wasmTarget} to Rust`,
  facts: async () => [JSON.stringify(await findRust(thisMachine()))],
  outputs: [record],
  stands: async () => {
    const { rustc } = await toolchain();
    return Boolean(await stat(rustc).catch(() => null));
  },
  run: async (context) => {
    const found = await chooseToolchain(context);
    await mkdir(buildDir, { recursive: true });
    await writeFile(inRoot(record), JSON.stringify(found, null, 2));
  },
});

/** @returns {Promise<Toolchain>} what `rustTarget` found */
export const toolchain = async () => JSON.parse(await readFile(inRoot(record), "utf8"));

/**
 * @param {import("../graph/graph.mjs").StepContext} context
 * @returns {Promise<Toolchain>}
 */
async function chooseToolchain({ log, signal, say }) {
  const machine = thisMachine();
  const { rust } = await findRust(machine);
  if (rust) {
    if (await hasWasmTarget(machine, rust)) return { ...rust, buildsStd: false };
    const rustup = which("rustup", machine.path);
    if (
      rustup &&
      (await attempt(rustup, ["target", "add", wasmTarget], { log, signal })).code === 0
    ) {
      if (await hasWasmTarget(machine, rust)) return { ...rust, buildsStd: false };
    }
  }
  const debian = await findDebianRust(machine);
  if (debian) return { ...debian, buildsStd: true };
  const line = `apt-get install ${debianRustPackages.join(" ")}`;
  if (!machine.isDebian) {
    throw new Error(`rustup could not add the target: run \`rustup target add ${wasmTarget}\``);
  }
  if (!machine.isRoot) throw new Error(`rustup could not add the target: run \`sudo ${line}\``);
  say(`rustup cannot bring it, running ${line}`);
  await installPackages(debianRustPackages, log);
  const installed = await findDebianRust(machine);
  if (!installed) throw new Error(`\`${line}\` brought no Rust that can build for the web`);
  return { ...installed, buildsStd: true };
}

/**
 * The environment in which that cargo builds for this machine: its own rustc, and nothing of the
 * caller's.
 *
 * @param {Toolchain} rust
 */
export const nativeEnvironment = ({ rustc }) => ({ RUSTC: rustc, RUSTFLAGS: undefined });
