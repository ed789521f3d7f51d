import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command } from "../graph/command.mjs";
import { withLock } from "../graph/lock.mjs";
import { cacheDir, root } from "../paths.mjs";
import { wasmTarget } from "../preflight/rust.mjs";

/** Arguments by which cargo finds the engine's crate. */
export const manifest = ["--manifest-path", "wasm/Cargo.toml"];

/** Arguments that choose what is built for the web. */
export const forWeb = ["--release", "--target", wasmTarget];

/**
 * The environment in which a cargo builds: its own rustc, none of the caller's flags, and a folder
 * that this user's clones share, since tract takes minutes to compile.
 * @param {import("../preflight/rust.mjs").Rust} rust
 */
export const cargoEnvironment = ({ rustc, version }) => ({
  RUSTC: rustc,
  RUSTFLAGS: undefined,
  CARGO_ENCODED_RUSTFLAGS: undefined,
  CARGO_TARGET_DIR: join(cacheDir, "cargo", version),
});

/**
 * Runs `work` while no other clone builds in the shared folder. Cargo names a workspace's own
 * crates by their path in it, and tells what is stale by file times: another clone's newer build
 * passes for one of this clone's sources. Where another clone built last, own crates are removed
 * first.
 * @template T @param {import("../preflight/rust.mjs").Rust} rust
 * @param {readonly string[]} options the profile and target, as in `forWeb`; none for native tests
 * @param {(env: ReturnType<typeof cargoEnvironment>) => Promise<T>} work @returns {Promise<T>}
 */
export async function withCargo(rust, options, work) {
  const env = cargoEnvironment(rust);
  const folder = env.CARGO_TARGET_DIR;
  return withLock(join(cacheDir, "locks", `cargo-${rust.version}`), async () => {
    const lastRoot = join(folder, `built-by${options.join("")}`);
    if ((await readFile(lastRoot, "utf8").catch(() => "")) !== root) {
      const listing = ["metadata", ...manifest, "--no-deps", "--format-version", "1"];
      /** @type {{ packages: { name: string }[] }} */
      const { packages } = JSON.parse(await command(rust.cargo, listing, { env }));
      const own = packages.flatMap(({ name }) => ["-p", name]);
      await command(rust.cargo, ["clean", ...manifest, "--locked", ...own, ...options], { env });
      await mkdir(folder, { recursive: true });
      await writeFile(lastRoot, root);
    }
    return work(env);
  });
}
