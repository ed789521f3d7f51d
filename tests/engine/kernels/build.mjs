// Builds wasm/tests/kernels with the Rust that builds the engine.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { inRoot } from "../../../setup/paths.mjs";
import { wasmTarget } from "../../../setup/preflight/rust.mjs";
import { cargoEnvironment } from "../../../setup/steps/cargo.mjs";
import { standardOptions } from "../../../setup/steps/engine.mjs";
import { toolchain } from "../../../setup/steps/rust-target.mjs";

const run = promisify(execFile);

/** @returns {Promise<WebAssembly.Instance>} an instance of the test module */
export async function kernelsUnderTest() {
  const { web } = await toolchain();
  // A folder of this clone: small to build, and cargo locks the shared one while it builds the engine.
  const target = inRoot(".build", "kernels-under-test");
  const manifest = ["--manifest-path", "wasm/tests/kernels/Cargo.toml", "--locked"];
  const std = web.hasTarget ? [] : standardOptions;
  await run(web.cargo, ["build", "--release", ...manifest, "--target", wasmTarget, ...std], {
    cwd: inRoot(),
    env: {
      ...process.env,
      ...cargoEnvironment(web),
      CARGO_TARGET_DIR: target,
      CARGO_ENCODED_RUSTFLAGS: "-Ctarget-feature=+simd128",
      ...(!web.hasTarget && { RUSTC_BOOTSTRAP: "1" }),
      ...(web.linker && { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: web.linker }),
    },
  });
  const file = join(target, wasmTarget, "release", "kernels_under_test.wasm");
  const { instance } = await WebAssembly.instantiate(await readFile(file));
  return instance;
}
