import { mkdir, readdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { inRoot } from "../places.mjs";
import { wasmTarget } from "../preflight/rust.mjs";
import { cargoEnvironment, toolchain } from "./rust-target.mjs";
import { findWasmBindgen } from "./wasm-bindgen.mjs";

const rustFlags = ["-Ctarget-feature=+simd128"];

/**
 * The engine: crate → WebAssembly → JavaScript glue → a smaller WebAssembly.
 *
 * @param {import("../graph/cache.mjs").Cache} cache
 * @returns {import("../graph/graph.mjs").Step}
 */
export const engine = (cache) => ({
  name: "engine",
  title: "Building the engine",
  needs: ["node-packages", "wasm-bindgen"],
  inputs: ["wasm/Cargo.toml", "wasm/Cargo.lock", "wasm/build.rs", "wasm/src"],
  facts: async () => {
    const { web } = await toolchain();
    return [web.version, String(web.buildsStd), ...rustFlags];
  },
  outputs: ["wasm/dist/tract_wasm.wasm"],
  cached: true,
  run: async (context) => {
    const { command, say } = context;
    say("compiling the crate");
    const compiled = await compile(context);
    const half = inRoot(".build", "engine");
    await rm(half, { recursive: true, force: true });
    await mkdir(half, { recursive: true });
    const bindgen = (await findWasmBindgen(cache)) ?? "wasm-bindgen";
    const named = ["--out-dir", half, "--out-name", "tract_wasm"];
    await command(bindgen, ["--target", "web", ...named, compiled]);
    say("making it smaller");
  },
});

/**
 * @param {import("../graph/graph.mjs").StepContext} context
 * @returns {Promise<string>} the compiled module's path
 */
async function compile({ command }) {
  const { web } = await toolchain();
  const manifest = ["--manifest-path", inRoot("wasm", "Cargo.toml"), "--locked"];
  const target = ["--target", wasmTarget];
  const env = cargoEnvironment(web);
  await command(web.cargo, ["fetch", ...manifest, ...target], { env });
  const flags = [...rustFlags, ...(await remapped(command, web, env.CARGO_TARGET_DIR))];
  await command(
    web.cargo,
    [
      "build",
      "--release",
      ...manifest,
      ...target,
      ...(web.buildsStd ? ["-Zbuild-std=std,panic_abort"] : []),
    ],
    {
      env: {
        ...env,
        CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f"),
        ...(web.buildsStd && {
          // Only so will a released rustc build its own standard library.
          RUSTC_BOOTSTRAP: "1",
          CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: "wasm-ld",
        }),
      },
    },
  );
  return join(env.CARGO_TARGET_DIR, wasmTarget, "release", "tract_wasm.wasm");
}

/**
 * Panic messages hold source paths. These flags replace every folder of this machine in them, the
 * registry's name with it, so that the file tells nothing of its builder and two builders get the
 * same bytes. A crate's own paths are relative already.
 *
 * @param {import("../graph/graph.mjs").StepContext["command"]} command
 * @param {import("../preflight/rust.mjs").Rust} rust @param {string} targetDir
 */
async function remapped(command, rust, targetDir) {
  const sources = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry", "src");
  const sysroot = (await command(rust.rustc, ["--print", "sysroot"])).trim();
  const folders = {
    [join(sysroot, "lib", "rustlib", "src", "rust")]: "/rust",
    [targetDir]: "/target",
    ...Object.fromEntries((await readdir(sources)).map((name) => [join(sources, name), "/crates"])),
  };
  return Object.entries(folders).map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
}
