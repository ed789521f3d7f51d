import { createHash } from "node:crypto";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";

/** Made by tools inside source folders; never an input. */
const product =
  /^(node_modules|dist|target|__pycache__|\.(venv|hypothesis|(pytest|mypy|ruff)_cache))$|\.(egg-info|pyc)$/;

/** @param {string | Buffer} content */
export const sha256 = (content) => createHash("sha256").update(content).digest("hex");

/**
 * One hash for files, folders and strings: equal exactly when names and bytes are.
 * @param {string} root
 * @param {readonly string[]} inputs paths relative to `root`: files, or folders with all below them
 * but what tools make. A path that does not exist counts as such. A folder named as an input is
 * read even if its name is that of a product.
 * @param {readonly string[]} [facts] anything else the result depends on
 * @returns {Promise<string>} hex
 */
export async function fingerprint(root, inputs, facts = []) {
  const hash = createHash("sha256");
  for (const fact of facts) hash.update(`fact ${sha256(fact)}\n`);
  for (const input of [...inputs].sort()) await add(hash, join(root, input), input);
  return hash.digest("hex");
}

/** @param {import("node:crypto").Hash} hash @param {string} path @param {string} name */
async function add(hash, path, name) {
  const stats = await stat(path).catch(() => undefined);
  if (!stats) {
    const link = await readlink(path).catch(() => undefined);
    hash.update(`absent ${name} ${link ?? ""}\n`);
  } else if (stats.isDirectory()) {
    const names = (await readdir(path)).filter((name) => !product.test(name)).sort();
    for (const child of names) await add(hash, join(path, child), `${name}/${child}`);
  } else {
    hash.update(`file ${name} ${sha256(await readFile(path))}\n`);
  }
}
