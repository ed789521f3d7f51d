import { isAccepted, shipped, tools } from "../licences.mjs";

/** @typedef {import("./locks.mjs").Locked} Locked */

/** Everything locked may carry one of these: what is shipped is held to less, when it is built. */
const accepted = Object.keys({ ...shipped, ...tools });

/**
 * Gives locked packages the licences that are known from elsewhere.
 *
 * @param {readonly Locked[]} packages
 * @param {Iterable<{ name: string, version: string, licence: string }>} told
 * @returns {Locked[]}
 */
export function withLicences(packages, told) {
  const key = (/** @type {{ name: string, version: string }} */ { name, version }) =>
    `${normalName(name)} ${version}`;
  const licences = new Map([...told].map((each) => [key(each), each.licence]));
  return packages.map((each) => {
    const licence = each.licence ?? licences.get(key(each));
    return licence === undefined ? each : { ...each, licence };
  });
}

/** As PyPI holds names equal (PEP 503); crates differ by no more. @param {string} name */
export const normalName = (name) => name.toLowerCase().replace(/[-_.]+/g, "-");

/** @param {readonly Locked[]} packages @returns {string[]} sentences */
export const termProblems = (packages) =>
  packages
    .filter(({ licence }) => licence !== undefined && !isAccepted(licence, accepted))
    .map(
      ({ ecosystem, name, version, licence }) =>
        `${ecosystem}: ${name} ${version} is under "${licence}", which setup/licences.mjs does not accept`,
    );
