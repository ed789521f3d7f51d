import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { wasmTarget } from "../../../setup/preflight/rust.mjs";
import { cargoEnvironment, forWeb, manifest } from "../../../setup/steps/cargo.mjs";
import { standardOptions } from "../../../setup/steps/engine.mjs";
import { toolchain } from "../../../setup/steps/rust-target.mjs";
import { section, standardText } from "./document.mjs";
import { textsIn } from "./texts.mjs";

/** @typedef {{ pkg_id: string, platform: string | null, mode: string, target: { kind: string[], src_path: string } }} Unit */

const aboutBuiltins = `compiler_builtins in it is MIT AND Apache-2.0 WITH LLVM-exception AND (MIT OR Apache-2.0):
arithmetic ported from compiler-rt, by the LLVM project, and from libm of musl.`;

/**
 * A section for Rust's own library, and for each published crate that is linked into the engine or,
 * where that library is built along with it, into the library; a Rust that brings it built lists
 * those itself.
 * @param {import("../../../setup/graph/graph.mjs").StepContext["command"]} command
 */
export async function crateSections(command) {
  const { web } = await toolchain();
  // What would be compiled; nothing is.
  const plan = ["build", ...manifest, "--locked", ...forWeb, "--unit-graph", "-Zunstable-options"];
  const answer = await command(web.cargo, [...plan, ...(web.buildsStd ? standardOptions : [])], {
    env: { ...cargoEnvironment(web), RUSTC_BOOTSTRAP: "1" },
  });
  const sources = new Set(JSON.parse(answer).units.flatMap(linkedSource));
  const crates = await Promise.all([...sources].map(readCrate));
  return [
    section({
      name: "Rust standard library",
      version: web.version,
      licence: "(MIT OR Apache-2.0) AND MIT AND Apache-2.0 WITH LLVM-exception",
      home: "https://github.com/rust-lang/rust",
      texts: [standardText("MIT", "the Rust Project contributors"), aboutBuiltins],
    }),
    ...crates.map((crate) => {
      // Published without: a crate of the same repository has what holds for all of them.
      const sibling = crates.find(
        ({ home, licence, texts }) =>
          home === crate.home && licence === crate.licence && texts.length > 0,
      );
      return section(crate.texts.length > 0 ? crate : { ...crate, texts: sibling?.texts ?? [] });
    }),
  ];
}

/** The source of a published crate that is linked: what only builds runs elsewhere. @param {Unit} unit */
function linkedSource({ pkg_id, platform, mode, target }) {
  const linked = platform === wasmTarget && mode === "build";
  const isBuildScript = target.kind.includes("custom-build");
  return linked && !isBuildScript && pkg_id.startsWith("registry+") ? [target.src_path] : [];
}

/** @param {string} source in the folder of a published crate, whose Cargo.toml cargo has put in order */
async function readCrate(source) {
  let folder = dirname(source);
  const read = () => readFile(join(folder, "Cargo.toml"), "utf8").catch(() => undefined);
  let text = await read();
  while (text === undefined && folder !== dirname(folder)) {
    folder = dirname(folder);
    text = await read();
  }
  const field = (/** @type {string} */ name) =>
    new RegExp(`^${name} = "(.*)"`, "m").exec(text ?? "")?.[1] ?? "";
  // In SPDX, where a crate still writes its choice as cargo once had it.
  const licence = (field("license") || "none").replace(/\s*\/\s*/g, " OR ");
  return {
    name: field("name"),
    version: field("version"),
    licence,
    home: field("repository"),
    texts: await textsIn(folder, licence),
  };
}
