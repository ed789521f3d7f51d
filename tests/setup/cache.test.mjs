import { execFile, spawnSync } from "node:child_process";
import { chmod, cp, mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { Cache } from "../../setup/graph/cache.mjs";
import { withLock } from "../../setup/graph/lock.mjs";
import { inRoot } from "../../setup/paths.mjs";
import { emptyFolder } from "./empty-folder.mjs";

test("two that want the same entry make it once and both get it whole", async () => {
  const cache = new Cache(await emptyFolder());
  let times = 0;
  /** @param {string} folder */
  const make = async (folder) => {
    times++;
    await writeFile(join(folder, "a"), "1");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await cache.find("tool", "k")).toBeUndefined();
    await writeFile(join(folder, "b"), "2");
  };
  const [one, two] = await Promise.all([
    cache.ensure("tool", "k", make),
    cache.ensure("tool", "k", make),
  ]);
  expect(times).toBe(1);
  expect(one).toBe(two);
  expect(await readdir(one)).toEqual(["a", "b"]);
});

test("an entry whose making failed does not exist, and leaves nothing half-made", async () => {
  const cache = new Cache(await emptyFolder());
  const fail = cache.ensure("tool", "k", async (folder) => {
    await writeFile(join(folder, "a"), "1");
    throw new Error("cut");
  });
  await expect(fail).rejects.toThrow("cut");
  expect(await cache.find("tool", "k")).toBeUndefined();
  expect(await readdir(join(cache.folder, "half"))).toEqual([]);
  expect(await readdir(join(cache.folder, "locks"))).toEqual([]);
});

test("keys and kinds do not mix, and clearing empties all", async () => {
  const cache = new Cache(await emptyFolder());
  /** @param {string} text */
  const holding = (text) => (/** @type {string} */ folder) => writeFile(join(folder, "x"), text);
  const paths = [
    await cache.ensure("a", "1", holding("a1")),
    await cache.ensure("a", "2", holding("a2")),
    await cache.ensure("b", "1", holding("b1")),
  ];
  const texts = await Promise.all(paths.map((path) => readFile(join(path, "x"), "utf8")));
  expect(texts).toEqual(["a1", "a2", "b1"]);
  await cache.clear();
  expect(await cache.find("a", "1")).toBeUndefined();
});

test("a lock that is not renewed is taken over; one that is renewed is waited for", async () => {
  const lock = join(await emptyFolder(), "lock");
  await writeFile(lock, "");
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(lock, longAgo, longAgo);
  /** @type {string[]} */
  const order = [];
  /** @param {string} name */
  const work = (name) => async () => {
    order.push(`${name} in`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push(`${name} out`);
  };
  await Promise.all([
    withLock(lock, work("a")),
    withLock(lock, work("b")),
    withLock(lock, work("c")),
  ]);
  for (let i = 0; i < order.length; i += 2) {
    expect(order[i + 1]).toBe(order[i]?.replace("in", "out"));
  }
  expect(order).toHaveLength(6);
});

test("the lock of a process that has ended is taken over at once", async () => {
  const lock = join(await emptyFolder(), "lock");
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  await writeFile(lock, JSON.stringify({ pid, host: hostname() }));
  let waited = false;
  const onWait = () => {
    waited = true;
  };
  await withLock(lock, async () => {}, { onWait });
  expect(waited).toBe(false);
});

test("a run that is told to end gives its locks back", async () => {
  const lock = join(await emptyFolder(), "lock");
  const module = new URL("../../setup/graph/lock.mjs", import.meta.url).href;
  const code = `
    const { withLock } = await import(${JSON.stringify(module)});
    await withLock(${JSON.stringify(lock)}, async () => process.exit(3));
  `;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", code]);
  await expect(run).rejects.toMatchObject({ code: 3 });
  await expect(readFile(lock)).rejects.toThrow("ENOENT");
});

const withCargo = `
import { withCargo } from "./setup/steps/cargo.mjs";
const rust = { cargo: process.env.FAKE_CARGO, rustc: "rustc", version: "1" };
await withCargo(rust, process.argv.slice(1), async () => {});
`;

test("a clone that builds after another removes the crates of their workspace first", async () => {
  const folder = await emptyFolder();
  const calls = join(folder, "calls");
  const cargo = join(folder, "cargo");
  const answer = JSON.stringify({ packages: [{ name: "own" }, { name: "rows" }] });
  await writeFile(cargo, `#!/bin/sh\necho "$@" >> ${calls}\necho '${answer}'\n`);
  await chmod(cargo, 0o755);
  /** @param {string} clone @param {string[]} options @returns {Promise<string[]>} */
  const cleanings = async (clone, ...options) => {
    await writeFile(calls, "");
    await mkdir(join(folder, clone), { recursive: true });
    await cp(inRoot("setup"), join(folder, clone, "setup"), { recursive: true });
    await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", withCargo, "--", ...options],
      {
        cwd: join(folder, clone),
        env: { ...process.env, XDG_CACHE_HOME: join(folder, "cache"), FAKE_CARGO: cargo },
      },
    );
    const lines = (await readFile(calls, "utf8")).split("\n");
    return lines.filter((line) => line.startsWith("clean "));
  };
  const clean = "clean --manifest-path wasm/Cargo.toml --locked -p own -p rows";
  expect(await cleanings("one")).toEqual([clean]);
  expect(await cleanings("one")).toEqual([]);
  expect(await cleanings("two")).toEqual([clean]);
  expect(await cleanings("one", "--release")).toEqual([`${clean} --release`]);
  expect(await cleanings("two")).toEqual([]);
  expect(await cleanings("one")).toEqual([clean]);
});
