import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { inRoot } from "../../setup/paths.mjs";
import { emptyFolder } from "./empty-folder.mjs";

// NNEF_PULSE_REPRODUCE=1: it compiles all of tract, minutes of it.
const wanted = process.env.NNEF_PULSE_REPRODUCE !== undefined;
const engine = ["wasm", "dist", "tract_wasm.wasm"];

/** Runs the step that builds the engine, in the folder it is started in. */
const build = `
  import { command } from "./setup/graph/command.mjs";
  import { engine } from "./setup/steps/engine.mjs";
  const log = process.stderr;
  await engine().run({
    log,
    signal: new AbortController().signal,
    say: console.error,
    command: (program, args, options) => command(program, args, { log, ...options }),
  });
`;

/** Cargo's home with what it has downloaded, to be unpacked anew. @param {string} home */
async function otherCargo(home) {
  const own = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  for (const part of ["config.toml", "registry/index", "registry/cache"]) {
    if (existsSync(join(own, part)))
      await cp(join(own, part), join(home, part), { recursive: true });
  }
  return home;
}

/** @param {string} path */
const digest = async (path) =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

test.runIf(wanted && existsSync(inRoot(...engine)))(
  "the engine, built again in another folder by another cargo home, is the same byte for byte",
  { timeout: 7_200_000 },
  async () => {
    const elsewhere = await emptyFolder();
    const tracked = execFileSync("git", ["ls-files", "-z", "wasm", "setup", "package.json"], {
      cwd: inRoot(),
      encoding: "utf8",
    });
    for (const file of [...tracked.split("\0").filter(Boolean), ".build/rust.json"]) {
      await mkdir(dirname(join(elsewhere, file)), { recursive: true });
      await cp(inRoot(file), join(elsewhere, file));
    }
    // Only wasm-opt is run from there.
    await symlink(inRoot("node_modules"), join(elsewhere, "node_modules"));
    execFileSync(process.execPath, ["--input-type=module", "--eval", build], {
      cwd: elsewhere,
      env: {
        ...process.env,
        XDG_CACHE_HOME: join(elsewhere, "cache"),
        CARGO_HOME: await otherCargo(join(elsewhere, "cargo")),
      },
      stdio: "inherit",
    });
    expect(await digest(join(elsewhere, ...engine))).toBe(await digest(inRoot(...engine)));
  },
);
