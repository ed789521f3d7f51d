import { mkdir, readdir, readFile, realpath, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { inRoot, root } from "../places.mjs";
import { wasmTarget } from "../preflight/rust.mjs";
import { cargoEnvironment, toolchain } from "./rust-target.mjs";

const rustFlags = ["-Ctarget-feature=+simd128"];

/** The features are those rustc turns on for this target, and simd128. */
const optimise = [
  "-Oz",
  "--enable-simd",
  "--enable-bulk-memory",
  "--enable-nontrapping-float-to-int",
  "--enable-sign-ext",
  "--enable-mutable-globals",
  "--enable-reference-types",
  "--enable-multivalue",
  "--strip-producers",
];

const outcome = "wasm/dist/tract_wasm.wasm";

/**
 * The engine: the crate compiled for the web, then made smaller.
 *
 * @returns {import("../graph/graph.mjs").Step}
 */
export const engine = () => ({
  name: "engine",
  title: "Building the engine",
  needs: ["node-packages", "rust-target"],
  inputs: ["wasm/Cargo.toml", "wasm/Cargo.lock", "wasm/build.rs", "wasm/src"],
  facts: async () => {
    const { web } = await toolchain();
    return [web.version, String(web.buildsStd), ...rustFlags, ...optimise];
  },
  outputs: [outcome],
  cached: true,
  run: async (context) => {
    context.say("compiling the crate, minutes the first time");
    const compiled = await compile(context);
    context.say("making it smaller, another minute or two");
    const half = inRoot(".build", "tract_wasm.wasm");
    await context.command("npx", ["wasm-opt", ...optimise, compiled, "-o", half]);
    await refuseBuildersPaths(half);
    await mkdir(inRoot("wasm", "dist"), { recursive: true });
    await rename(half, inRoot(outcome));
  },
});

/**
 * @param {import("../graph/graph.mjs").StepContext} context
 * @returns {Promise<string>} the compiled module's path
 */
async function compile({ command }) {
  const { web } = await toolchain();
  const env = cargoEnvironment(web);
  const crate = ["--manifest-path", "wasm/Cargo.toml", "--locked", "--target", wasmTarget];
  await command(web.cargo, ["fetch", ...crate], { env });
  const flags = [...rustFlags, ...(await remapped(web, env.CARGO_TARGET_DIR, command))];
  await command(
    web.cargo,
    ["build", "--release", ...crate, ...(web.buildsStd ? ["-Zbuild-std=std,panic_abort"] : [])],
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

/** Where cargo unpacks crates; the folders in it are named after registries. */
const crateSources = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry", "src");

/**
 * Panic messages hold source paths. These flags replace every folder of this machine in them, so
 * that the file tells nothing of its builder and two builders get the same bytes. The crate's own
 * paths are relative already.
 *
 * @param {import("../preflight/rust.mjs").Rust} rust
 * @param {string} targetDir
 * @param {import("../graph/graph.mjs").StepContext["command"]} command
 */
async function remapped(rust, targetDir, command) {
  const sysroot = (await command(rust.rustc, ["--print", "sysroot"])).trim();
  const std = join(sysroot, "lib", "rustlib", "src", "rust");
  const registries = (await readdir(crateSources)).map((name) => join(crateSources, name));
  /** @type {Array<[string, string]>} */
  const places = [
    [targetDir, "/target"],
    [std, "/rust"],
    [await realpath(std).catch(() => std), "/rust"],
    ...registries.map((path) => /** @type {[string, string]} */ ([path, "/crates"])),
  ];
  return places.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
}

/** @param {string} path */
async function refuseBuildersPaths(path) {
  const bytes = await readFile(path);
  const found = [homedir(), root, crateSources].find((place) => bytes.includes(place));
  if (found) throw new Error(`the engine holds a path of this machine, ${found}: remap it`);
}
