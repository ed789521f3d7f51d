import { command } from "../graph/command.mjs";
import { isAccepted, shipped, tools } from "../licences.mjs";
import { inRoot, inVenv } from "../places.mjs";
import { section } from "./document.mjs";

/** How Python packages spell licences, where not as SPDX does. @type {Record<string, string>} */
const spelled = {
  "3-Clause BSD License": "BSD-3-Clause",
  "Apache 2.0": "Apache-2.0",
  "Apache 2.0 License": "Apache-2.0",
  "Apache Software License": "Apache-2.0",
  BSD: "BSD-3-Clause",
  "BSD License": "BSD-3-Clause",
  "ISC License": "ISC",
  "MIT License": "MIT",
  "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
  "NVIDIA Proprietary Software": "LicenseRef-NVIDIA-Proprietary",
};

/** What packages do not say themselves: tools, of which nothing is shipped. @type {Record<string, string>} */
const unsaid = {
  "cuda-toolkit": "LicenseRef-NVIDIA-Proprietary", // an empty package that names NVIDIA's others
  "espeakng-loader": "GPL-3.0-or-later", // espeak-ng's own, which it carries
};

const known = Object.keys({ ...shipped, ...tools });

/**
 * What the packages of the Python environment say of their terms.
 *
 * @param {readonly string[]} [names] all packages by default
 * @returns {Promise<import("./document.mjs").Component[]>} `licence` is in SPDX where it is known,
 *   otherwise in the package's own words
 */
export async function installedPackages(names = []) {
  const answer = await command(inVenv("python"), [inRoot("setup/notices/installed.py"), ...names]);
  /** @type {{ name: string, version: string, home: string, words: string[], texts: string[] }[]} */
  const told = JSON.parse(answer);
  return told.map(({ words, ...rest }) => {
    const licences = [...words, unsaid[rest.name] ?? ""].map((word) => spelled[word] ?? word);
    const understood = licences.find((licence) => isAccepted(licence, known));
    return { ...rest, licence: understood ?? licences.filter(Boolean)[0]?.slice(0, 80) ?? "none" };
  });
}

/** A section for each wheel of others. @param {readonly string[]} wheels names of files */
export async function wheelSections(wheels) {
  const names = wheels.map((file) => file.split("-", 1)[0] ?? "");
  return (await installedPackages(names)).map(section);
}
