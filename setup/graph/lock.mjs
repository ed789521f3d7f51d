import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, open, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** How often a holder shows that it lives, and after how long a silent one counts as dead (ms). */
const heartbeat = 2_000;
const deadAfter = 20_000;

/** Held by this process; given back even if it is told to end. @type {Set<string>} */
const held = new Set();
process.once("exit", () => {
  for (const path of held) rmSync(path, { force: true });
});

/**
 * Runs `work` while holding a lock file that other runs, also in other containers, respect. Life is
 * told by the file's time, not by a process id: ids mean nothing across containers.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {{ onWait?: () => void }} [options] `onWait` is called once if somebody else holds it
 * @returns {Promise<T>}
 */
export async function withLock(path, work, { onWait = () => {} } = {}) {
  await mkdir(dirname(path), { recursive: true });
  let waited = false;
  while (!(await take(path))) {
    if (await isDead(path)) {
      await putAside(path);
      continue;
    }
    if (!waited) onWait();
    waited = true;
    await sleep(200);
  }
  held.add(path);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, heartbeat);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    held.delete(path);
    await rm(path, { force: true });
  }
}

/** @param {string} path */
async function take(path) {
  try {
    const file = await open(path, "wx");
    await file.close();
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
}

/** @param {string} path */
async function isDead(path) {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > deadAfter;
}

/**
 * Removes a dead lock. Two runs may find it dead together; renaming first makes sure that the
 * second one cannot remove the lock the first has just taken: what it moved is looked at again.
 *
 * @param {string} path
 */
async function putAside(path) {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return; // the other run was quicker
  }
  if (await isDead(aside)) await rm(aside, { force: true });
  else await rename(aside, path);
}
