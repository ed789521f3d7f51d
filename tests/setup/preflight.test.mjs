import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { findMissing } from "../../setup/preflight/checks.mjs";
import { ask } from "../../setup/preflight/machine.mjs";
import { PreflightError, preflight } from "../../setup/preflight/preflight.mjs";
import { findPython } from "../../setup/preflight/python.mjs";
import { emptyFolder } from "./empty-folder.mjs";

/** Programs that answer as the real ones do. @type {Record<string, string>} */
const complete = {
  python3: 'printf "3.12.4\\nvenv\\n"',
  git: "",
  cc: "",
  rustc: 'echo "rustc 1.95.0 (59807616e 2026-04-14)"',
  cargo: "",
  rustup: "",
};

/**
 * A machine whose PATH holds these programs alone.
 *
 * @param {Record<string, string | undefined>} programs shell lines by name
 * @param {Partial<import("../../setup/preflight/machine.mjs").Machine>} [more]
 * @returns {Promise<import("../../setup/preflight/machine.mjs").Machine>}
 */
async function machine(programs, more = {}) {
  const folder = join(await emptyFolder(), "bin");
  await mkdir(folder);
  for (const [name, line] of Object.entries(programs)) {
    if (line === undefined) continue;
    await writeFile(join(folder, name), `#!/bin/sh\n${line}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return {
    platform: "linux",
    arch: "x64",
    node: "22.14.0",
    isRoot: false,
    isDebian: false,
    path: [folder, join(folder, "missing")].join(delimiter),
    freeGigabytes: () => 1000,
    ask: (program, args) => ask(program, args, folder),
    ...more,
  };
}

/** @param {Awaited<ReturnType<typeof findMissing>>} missing */
const sentences = (missing) => missing.map(({ what }) => what);

test("a machine with everything lacks nothing", async () => {
  expect(await findMissing(await machine(complete))).toEqual([]);
});

test("everything that is missing is listed at once, each with what to do", async () => {
  const bare = await machine({}, { node: "18.20.1", freeGigabytes: () => 0.5 });
  const missing = await findMissing(bare);
  expect(sentences(missing)).toEqual([
    expect.stringMatching(/^Node \^20\.19\.0 \|\| >=22\.12\.0 is needed, this is 18\.20\.1$/),
    "Python 3.11 to 3.13 is needed",
    "git is not installed",
    expect.stringMatching(/^Rust 1\.\d+ or later is needed$/),
    "there is no C compiler (cc), which Rust links with",
    expect.stringMatching(/GB of disk are needed at .*, 0\.5 are free$/),
    expect.stringMatching(/GB of disk are needed at .*, 0\.5 are free$/),
  ]);
  for (const { remedy } of missing) expect(remedy).not.toBe("");
});

test.each([
  ["python3.11", 'printf "3.11.0\\nvenv\\n"', "3.11.0"],
  ["python3.13", 'printf "3.13.7\\nvenv\\n"', "3.13.7"],
  ["python", 'printf "3.12.1\\nvenv\\n"', "3.12.1"],
  ["py", '[ "$1" = -3.12 ] && printf "3.12.9\\nvenv\\n"', "3.12.9"],
])("Python is found under the name %s", async (name, line, version) => {
  const { python } = await findPython(await machine({ [name]: line }));
  expect(python?.version).toBe(version);
});

test("Pythons that are too old, too new or broken are passed over for one that will do", async () => {
  const found = await findPython(
    await machine({
      python3: 'printf "3.14.0\\nvenv\\n"',
      "python3.13": "exit 127",
      "python3.11": 'printf "3.11.2\\nvenv\\n"',
      python: 'printf "3.8.1\\nvenv\\n"',
    }),
  );
  expect(found.python?.version).toBe("3.11.2");
});

test("a Python without venv is named, with the package that brings it", async () => {
  const missing = await findMissing(await machine({ ...complete, python3: "echo 3.13.5" }));
  expect(sentences(missing)).toEqual([
    "Python 3.13.5 is there, but without its venv and ensurepip modules",
  ]);
  expect(missing[0]?.packages).toEqual(["python3.13-venv"]);
});

test("versions that were found but do not do are named", async () => {
  const old = { ...complete, python3: 'printf "3.9.2\\nvenv\\n"', rustc: 'echo "rustc 1.63.0"' };
  const text = sentences(await findMissing(await machine(old))).join("\n");
  expect(text).toContain("found only 3.9.2");
  expect(text).toContain("found only 1.63.0");
});

test("a Rust without the target needs rustup", async () => {
  const missing = await findMissing(await machine({ ...complete, rustup: undefined }));
  expect(sentences(missing)).toEqual([
    expect.stringMatching(/^Rust 1\.95\.0 is there, but not its target wasm32-unknown-unknown/),
  ]);
});

test.each([
  ["linux", "arm64", 1],
  ["darwin", "x64", 1],
  ["darwin", "arm64", 0],
  ["linux", "x64", 0],
])("%s on %s: %i requirement", async (platform, arch, count) => {
  expect(await findMissing(await machine(complete, { platform, arch }))).toHaveLength(count);
});

test("as root on Debian what is missing is announced and installed, once and together", async () => {
  const bare = await machine(
    { ...complete, git: undefined, cc: undefined },
    { isRoot: true, isDebian: true },
  );
  /** @type {string[]} */
  const said = [];
  /** @type {Array<readonly string[]>} */
  const installed = [];
  await preflight(
    (line) => said.push(line),
    bare,
    async (packages) => {
      installed.push(packages);
      const folder = bare.path.split(delimiter)[0] ?? "";
      for (const name of ["git", "cc"]) await writeFile(join(folder, name), "", { mode: 0o755 });
    },
  );
  expect(installed).toEqual([["git", "gcc", "libc6-dev"]]);
  expect(said.at(-1)).toBe("Installing Debian's git gcc libc6-dev");
});

test.each([
  ["not root", { isDebian: true }],
  ["not Debian", { isRoot: true }],
])("%s: nothing is installed, the list is the error", async (_, more) => {
  const bare = await machine({ ...complete, git: undefined }, more);
  const install = () => Promise.reject(new Error("it installed"));
  const failure = await preflight(() => {}, bare, install).catch((error) => error);
  expect(failure).toBeInstanceOf(PreflightError);
  expect(failure.message).toContain(
    "This machine lacks one requirement:\n  ✗ git is not installed",
  );
});

test("where one requirement cannot be installed, nothing is", async () => {
  const bare = await machine(
    { ...complete, git: undefined },
    { isRoot: true, isDebian: true, node: "18.0.0" },
  );
  const install = () => Promise.reject(new Error("it installed"));
  await expect(preflight(() => {}, bare, install)).rejects.toBeInstanceOf(PreflightError);
});
