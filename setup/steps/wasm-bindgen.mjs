import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { thisMachine } from "../preflight/machine.mjs";
import { lockedCrate } from "../versions.mjs";
import { which } from "../which.mjs";
import { cargoEnvironment, toolchain } from "./rust-target.mjs";

/**
 * The tool that writes the engine's JavaScript. It must be of exactly the crate's version: the two
 * agree on a format that changes between releases.
 *
 * @param {import("../graph/cache.mjs").Cache} cache
 * @returns {import("../graph/graph.mjs").Step}
 */
export const wasmBindgen = (cache) => ({
  name: "wasm-bindgen",
  title: "Building wasm-bindgen",
  needs: ["rust-target"],
  facts: async () => [await lockedCrate("wasm-bindgen")],
  stands: async () => Boolean(await findWasmBindgen(cache)),
  run: async ({ command, say }) => {
    const version = await lockedCrate("wasm-bindgen");
    if (await findWasmBindgen(cache)) return;
    const { native } = await toolchain();
    await cache.ensure(
      "wasm-bindgen",
      wasmBindgenKey(version),
      async (folder) => {
        const made = join(folder, "made");
        const install = ["install", "--locked", "--root", made, `wasm-bindgen-cli@${version}`];
        await command(native.cargo, [...install, "--bin", "wasm-bindgen"], {
          env: { ...cargoEnvironment(native), CARGO_TARGET_DIR: join(folder, "target") },
        });
        await copyFile(join(made, "bin", programName), join(folder, programName));
        for (const scrap of [made, join(folder, "target")]) await rm(scrap, { recursive: true });
      },
      { onWait: () => say("waiting for another run that builds it") },
    );
  },
});

const programName = process.platform === "win32" ? "wasm-bindgen.exe" : "wasm-bindgen";

/** @param {string} version */
const wasmBindgenKey = (version) => `${version}-${process.platform}-${process.arch}`;

/**
 * @param {import("../graph/cache.mjs").Cache} cache
 * @returns {Promise<string | undefined>} path of the tool at the crate's version: installed on this
 *   machine, else built before
 */
export async function findWasmBindgen(cache) {
  const version = await lockedCrate("wasm-bindgen");
  const machine = thisMachine();
  const installed = which("wasm-bindgen", machine.path);
  if (installed && (await machine.ask(installed, ["--version"])) === `wasm-bindgen ${version}`) {
    return installed;
  }
  const entry = await cache.find("wasm-bindgen", wasmBindgenKey(version));
  return entry && join(entry, programName);
}
