import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Licences and notices as they lie in a package's folder. Where MIT is one of a choice and has a
 * file of its own, the files of the other choices are left out.
 * @param {string} folder @param {string} licence an SPDX expression @returns {Promise<string[]>}
 */
export async function textsIn(folder, licence) {
  const names = (await readdir(folder)).filter((name) =>
    /^(licen[cs]e|unlicen[cs]e|copying|copyright|notice)/i.test(name),
  );
  const choosing = !licence.includes(" AND ") && names.some((name) => /-mit\b/i.test(name));
  const kept = names.filter((name) => !choosing || !/^licen[cs]e-(?!mit)|^unlicen/i.test(name));
  return Promise.all(kept.sort().map((name) => readFile(join(folder, name), "utf8")));
}
