import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** How often a holder renews its lock, and after how long one that is not renewed is stale (ms). */
const heartbeat = 2_000;
const staleAfter = 20_000;

/** Locks of this process, released even when it is told to end. @type {Set<string>} */
const held = new Set();
process.once("exit", () => {
  for (const path of held) rmSync(path, { force: true });
});

/**
 * Runs `work` while holding a lock file that other runs respect. The file names its owner, a
 * process of a host: one that has ended is stale at once. Across containers, where process ids mean
 * nothing, the file's time tells.
 * @template T @param {string} path @param {() => Promise<T>} work
 * @param {{ onWait?: () => void }} [options] `onWait` is called once if another run holds it
 * @returns {Promise<T>}
 */
export async function withLock(path, work, { onWait = () => {} } = {}) {
  await mkdir(dirname(path), { recursive: true });
  let waited = false;
  while (!(await acquire(path))) {
    if (await isStale(path)) {
      await removeStale(path);
      continue;
    }
    if (!waited) onWait();
    waited = true;
    await sleep(200);
  }
  held.add(path);
  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, heartbeat);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    held.delete(path);
    await rm(path, { force: true });
  }
}

/** @param {string} path */
async function acquire(path) {
  try {
    const file = await open(path, "wx");
    await file.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }));
    await file.close();
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
}

/** @param {string} path */
async function isStale(path) {
  const stats = await stat(path).catch(() => undefined);
  if (!stats) return false;
  if (Date.now() - stats.mtimeMs > staleAfter) return true;
  try {
    const owner = JSON.parse(await readFile(path, "utf8"));
    return owner.host === hostname() && !isRunning(owner.pid);
  } catch {
    return false; // its owner is about to write it
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH";
  }
}

/**
 * Removes a stale lock. Two runs may find it stale together; renaming first makes sure that the
 * second cannot remove the lock the first has just taken: what it moved is looked at again.
 * @param {string} path
 */
async function removeStale(path) {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return; // the other run was quicker
  }
  if (await isStale(aside)) await rm(aside, { force: true });
  else await rename(aside, path);
}
