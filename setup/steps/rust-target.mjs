import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { attempt } from "../graph/command.mjs";
import { buildDir, cacheDir, inRoot } from "../places.mjs";
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
 * What Rust is used, by whole paths: one for this machine's own programs, and one for the engine,
 * which may have to build the standard library too (Debian ships its sources only).
 *
 * @typedef {import("../preflight/rust.mjs").Rust} Rust
 * @typedef {{ native: Rust, web: Rust & { buildsStd: boolean } }} Toolchain
 */

/** @returns {import("../graph/graph.mjs").Step} */
export const rustTarget = () => ({
  name: "rust-target",
  title: `Adding ${wasmTarget} to Rust`,
  facts: async () => [JSON.stringify(await findRust(thisMachine()))],
  outputs: [record],
  stands: async () => {
    try {
      const { native, web } = await toolchain();
      await Promise.all([stat(native.rustc), stat(web.rustc)]);
      return true;
    } catch {
      return false; // gone, or a record of another form
    }
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
 * The two routes: the target added by rustup, else Debian's packages.
 *
 * @param {Rust} native
 * @param {import("../graph/graph.mjs").StepContext} context
 * @returns {Promise<Toolchain["web"]>}
 */
async function chooseForWeb(native, { log, signal, say }) {
  const machine = thisMachine();
  if (await hasWasmTarget(machine, native)) return { ...native, buildsStd: false };
  const rustup = which("rustup", machine.path);
  if (rustup) {
    await attempt(rustup, ["target", "add", wasmTarget], { log, signal });
    if (await hasWasmTarget(machine, native)) return { ...native, buildsStd: false };
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
 * The environment in which a cargo builds: its own rustc, none of the caller's flags, and products
 * shared by this user's clones (cargo locks the folder and tells what is stale by itself).
 *
 * @param {Rust} rust
 */
export const cargoEnvironment = ({ rustc, version }) => ({
  RUSTC: rustc,
  RUSTFLAGS: undefined,
  CARGO_ENCODED_RUSTFLAGS: undefined,
  CARGO_TARGET_DIR: join(cacheDir, "cargo", version),
});
