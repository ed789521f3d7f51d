import { randomUUID } from "node:crypto";
import { cp, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withLock } from "./lock.mjs";

/** No making takes this long (ms). */
const abandonedAfter = 24 * 3600 * 1000;

/**
 * Folders that were slow to make, kept under a kind and a key. An entry appears complete or not
 * at all: it is made under another name and renamed.
 */
export class Cache {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /** Where an entry is, or would be. @param {string} kind @param {string} key */
  pathOf(kind, key) {
    return join(this.folder, kind, key);
  }

  /** @param {string} kind @param {string} key @returns {Promise<string | undefined>} its path, if whole */
  async find(kind, key) {
    const path = this.pathOf(kind, key);
    if (!(await stat(path).catch(() => undefined))) return undefined;
    const now = new Date();
    await utimes(path, now, now).catch(() => {}); // last used, for whoever tidies by age
    return path;
  }

  /**
   * The entry, made first if need be; two runs that want the same one make it once.
   * @param {string} kind @param {string} key
   * @param {(folder: string) => Promise<void>} make fills a folder that becomes the entry
   * @param {{ onWait?: () => void }} [options] @returns {Promise<string>}
   */
  async ensure(kind, key, make, options = {}) {
    const path = this.pathOf(kind, key);
    const found = await this.find(kind, key);
    if (found) return found;
    const makeWhole = async () => {
      if (await this.find(kind, key)) return path; // another run made it meanwhile
      await this.#removeAbandoned();
      const half = join(this.folder, "half", `${kind}-${randomUUID()}`);
      await mkdir(half, { recursive: true });
      try {
        await make(half);
        await mkdir(dirname(path), { recursive: true });
        await rename(half, path);
      } finally {
        await rm(half, { recursive: true, force: true });
      }
      return path;
    };
    return withLock(join(this.folder, "locks", `${kind}-${key}`), makeWhole, options);
  }

  /** What runs that were killed left half-made: gigabytes, perhaps. */
  async #removeAbandoned() {
    const halves = join(this.folder, "half");
    for (const name of await readdir(halves).catch(() => [])) {
      const { mtimeMs } = await stat(join(halves, name)).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs > abandonedAfter) {
        await rm(join(halves, name), { recursive: true, force: true });
      }
    }
  }

  /** Keeps copies of files and folders of `root`. @param {string} kind @param {string} key @param {string} root @param {readonly string[]} outputs */
  async keep(kind, key, root, outputs) {
    await this.ensure(kind, key, async (folder) => {
      for (const output of outputs) await copy(join(root, output), join(folder, output));
    });
  }

  /**
   * Puts copies of a kept entry's files back.
   *
   * @param {string} kind @param {string} key @param {string} root @param {readonly string[]} outputs
   * @returns {Promise<boolean>} whether it was there
   */
  async restore(kind, key, root, outputs) {
    const entry = await this.find(kind, key);
    if (!entry) return false;
    for (const output of outputs) {
      await rm(join(root, output), { recursive: true, force: true });
      await copy(join(entry, output), join(root, output));
    }
    return true;
  }

  async clear() {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** @param {string} from @param {string} to */
async function copy(from, to) {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}
