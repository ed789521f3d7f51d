import { readdirSync } from "node:fs";
import { mkdir, readdir, readFile, realpath, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { inRoot, root } from "../paths.mjs";
import { wasmTarget } from "../preflight/rust.mjs";
import { forWeb, manifest, withCargo } from "./cargo.mjs";
import { toolchain } from "./rust-target.mjs";

/**
 * Without relaxed SIMD, which would be a second file: fused multiply-adds in every kernel gained an
 * ALBERT 1.07 ×, a ViT, its small one and a language model 1.00 to 1.03 × on a processor with FMA.
 */
const rustFlags = ["-Ctarget-feature=+simd128"];

/** What the standard library is built of, by a Rust that can build it. */
export const standardOptions = [
  "-Zbuild-std=std,panic_abort",
  "-Zbuild-std-features=optimize_for_size",
];

/**
 * For a Rust that can build its standard library: what a released rustc keeps back. A panic says
 * what is wrong, not where in tract's sources; the library is made for size, but for the arithmetic
 * the processor lacks and for memory.
 */
const forSize = {
  rustFlags: ["-Zlocation-detail=none"],
  options: [
    ...standardOptions,
    ...["core", "alloc", "std"].map(
      (name) => `--config=profile.release.package.${name}.opt-level="s"`,
    ),
    ...["compiler_builtins", "dlmalloc"].map(
      (name) => `--config=profile.release.package.${name}.opt-level=3`,
    ),
    // Most of what a model runs through besides its kernels. With small functions taken into their
    // callers, as where size counts less, it is as fast, and the engine a tenth smaller.
    "-Zprofile-rustflags",
    '--config=profile.release.package.tract-core.rustflags=["-Cllvm-args=-inline-threshold=60"]',
  ],
};

/** The features are those rustc turns on for this target, and simd128. */
const features = [
  ...["simd", "bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals"],
  ...["reference-types", "multivalue"],
];

/** Nothing lies below address 1024 but the far end of the stack: hence the last one. */
const optimise = [
  "-Oz",
  ...features.map((feature) => `--enable-${feature}`),
  ...["--strip-producers", "--low-memory-unused"],
];

const outcome = "wasm/dist/tract_wasm.wasm";

/** What cargo reads of a folder; the proposals beside the sources change nothing. @param {string} folder */
const compiled = (folder) =>
  readdirSync(inRoot(folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(rs|nnef)$|Cargo\.toml$/.test(path))
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`);

/**
 * The engine: the crate compiled for the web, then made smaller.
 * @returns {import("../graph/graph.mjs").Step}
 */
export const engine = () => ({
  name: "engine",
  title: "Building the engine",
  needs: ["node-packages", "rust-target"],
  inputs: [
    "wasm/Cargo.toml",
    "wasm/Cargo.lock",
    "wasm/build.rs",
    ...["module", "rows", "src"].flatMap((folder) => compiled(`wasm/${folder}`)),
  ],
  facts: async () => {
    const { web } = await toolchain();
    return [web.version, web.buildsStd ? JSON.stringify(forSize) : "", ...rustFlags, ...optimise];
  },
  outputs: [outcome],
  cached: true,
  run: async (context) => {
    const { web } = await toolchain();
    const half = inRoot(".build", "tract_wasm.wasm");
    await withCargo(web, forWeb, async (env) => {
      context.say("compiling the crate, minutes the first time");
      const compiled = await compile(web, env, context);
      context.say("making it smaller, another minute or two");
      await context.command("npx", ["wasm-opt", ...optimise, compiled, "-o", half]);
    });
    await refuseBuildersPaths(half);
    await mkdir(inRoot("wasm", "dist"), { recursive: true });
    await rename(half, inRoot(outcome));
  },
});

/**
 * @param {import("./rust-target.mjs").WebRust} web
 * @param {ReturnType<typeof import("./cargo.mjs").cargoEnvironment>} env
 * @param {import("../graph/graph.mjs").StepContext} context
 * @returns {Promise<string>} the compiled module's path
 */
async function compile(web, env, { command, say, signal }) {
  const crate = [...manifest, "--locked", "--target", wasmTarget];
  await command(web.cargo, ["fetch", ...crate], { env });
  const flags = [...rustFlags, ...(await remapped(web, env.CARGO_TARGET_DIR, command))];
  /** @param {string[]} moreFlags @param {string[]} options @param {NodeJS.ProcessEnv} [settings] */
  const build = (moreFlags, options, settings) =>
    command(web.cargo, ["build", "--release", ...crate, ...options], {
      env: { ...env, CARGO_ENCODED_RUSTFLAGS: [...flags, ...moreFlags].join("\x1f"), ...settings },
    });
  try {
    if (web.buildsStd) {
      await build(forSize.rustFlags, forSize.options, {
        RUSTC_BOOTSTRAP: "1",
        ...(web.linker && { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: web.linker }),
      });
    }
  } catch (error) {
    if (!web.hasTarget || signal.aborted) throw error;
    say("this Rust does not build its own standard library: taking it as it comes");
    web.buildsStd = false;
  }
  if (!web.buildsStd) await build([], []);
  return join(env.CARGO_TARGET_DIR, wasmTarget, "release", "tract_wasm.wasm");
}

/** Where cargo unpacks crates; the folders in it are named after registries. */
const crateSources = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry", "src");

/**
 * Panic messages hold source paths. These flags replace every folder of this machine in them, so
 * that the file tells nothing of its builder and two builders get the same bytes. The crate's own
 * paths are relative already.
 * @param {import("../preflight/rust.mjs").Rust} rust @param {string} targetDir
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
