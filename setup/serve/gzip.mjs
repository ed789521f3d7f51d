import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { sha256 } from "../graph/fingerprint.mjs";
import { buildDir } from "../paths.mjs";

const compress = promisify(gzip);

const compressible = /\.(css|html|ico|js|json|map|md|mjs|svg|toml|txt|wasm|wav|webmanifest)$/i;

/** Whether gzip pays. @param {string} path */
export const isCompressible = (path) => compressible.test(path);

/**
 * Gzipped copies of files, each made once and kept in a folder beside the site, so that the site's
 * own folder holds nothing a plain static host has no use for. A copy keeps the file's ending.
 */
export class GzipStore {
  /** Those under way. @type {Map<string, Promise<string>>} */
  #made = new Map();

  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /** @param {string} file @returns {Promise<string>} the compressed copy's path */
  async copyOf(file) {
    const { size, mtimeMs } = await stat(file);
    const key = sha256(`${file}\n${size}\n${mtimeMs}`);
    const copy = join(this.folder, key.slice(0, 32) + extname(file));
    const made = this.#made.get(copy) ?? this.#make(file, copy);
    this.#made.set(copy, made);
    return made.finally(() => this.#made.delete(copy));
  }

  /** @param {string} file @param {string} copy */
  async #make(file, copy) {
    if (await stat(copy).catch(() => null)) return copy;
    await mkdir(this.folder, { recursive: true });
    const bytes = await compress(await readFile(file), { level: constants.Z_BEST_COMPRESSION });
    const half = `${copy}.${randomUUID()}`;
    await writeFile(half, bytes);
    await rename(half, copy);
    return copy;
  }
}

/** The compressed copies of the built site. */
export const gzipStore = new GzipStore(join(buildDir, "gzip"));
