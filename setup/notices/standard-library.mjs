import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { wasmTarget } from "../preflight/rust.mjs";
import { cargoEnvironment } from "../steps/cargo.mjs";
import { standardOptions } from "../steps/engine.mjs";
import { toolchain } from "../steps/rust-target.mjs";
import { licenceOf } from "./crates.mjs";
import { section, standardText } from "./document.mjs";
import { textsIn } from "./texts.mjs";

const aboutBuiltins = `compiler_builtins in it is MIT AND Apache-2.0 WITH LLVM-exception AND (MIT OR Apache-2.0):
arithmetic ported from compiler-rt, by the LLVM project, and from libm of musl.`;

/**
 * Rust's own library, which every Rust program holds, and the crates it is made with in turn where
 * it is built along with the engine; a Rust that brings it built lists those itself.
 *
 * @param {import("./crates.mjs").Run} command
 */
export async function standardLibrarySections(command) {
  const { web } = await toolchain();
  const own = section({
    name: "Rust standard library",
    version: web.version,
    licence: "(MIT OR Apache-2.0) AND MIT AND Apache-2.0 WITH LLVM-exception",
    home: "https://github.com/rust-lang/rust",
    texts: [standardText("MIT", "the Rust Project contributors"), aboutBuiltins],
  });
  return [own, ...(web.buildsStd ? await cratesWithin(web, command) : [])];
}

/** @param {import("../steps/rust-target.mjs").WebRust} web @param {import("./crates.mjs").Run} command */
async function cratesWithin(web, command) {
  const crate = ["--manifest-path", "wasm/Cargo.toml", "--locked", "--target", wasmTarget];
  // What would be compiled; nothing is.
  const plan = ["--unit-graph", "-Zunstable-options", ...standardOptions];
  const answer = await command(web.cargo, ["build", "--release", ...crate, ...plan], {
    env: { ...cargoEnvironment(web), RUSTC_BOOTSTRAP: "1" },
  });
  const sources = new Set(JSON.parse(answer).units.flatMap(sourceOf));
  return Promise.all([...sources].map((source) => sectionOf(dirname(dirname(source)))));
}

/**
 * Where a crate lies that Rust's library has from others, of what is linked.
 *
 * @param {{ pkg_id: string, is_std: boolean, platform: string | null, mode: string, target: { kind: string[], src_path: string } }} unit
 */
function sourceOf({ pkg_id, is_std, platform, mode, target }) {
  const linked = is_std && platform === wasmTarget && mode === "build";
  const isBuildScript = target.kind.includes("custom-build");
  return linked && !isBuildScript && pkg_id.startsWith("registry+") ? [target.src_path] : [];
}

/** @param {string} folder of a published crate, whose Cargo.toml cargo has put in order */
async function sectionOf(folder) {
  const manifest = await readFile(join(folder, "Cargo.toml"), "utf8");
  const field = (/** @type {string} */ name) =>
    new RegExp(`^${name} = "(.*)"`, "m").exec(manifest)?.[1] ?? "";
  const licence = licenceOf({ license: field("license") });
  return section({
    name: field("name"),
    version: field("version"),
    licence,
    home: field("repository"),
    texts: await textsIn(folder, licence),
  });
}
