import { normalName } from "./terms.mjs";

/**
 * Advisories in the Open Source Vulnerability format, https://ossf.github.io/osv-schema/ (1.7), and
 * the locked versions they cover.
 *
 * @typedef {{ introduced?: string, fixed?: string, last_affected?: string }} Event
 * @typedef {{ type: string, events: Event[] }} Range
 * @typedef {{ package?: { ecosystem: string, name: string }, ranges?: Range[], versions?: string[] }} Affected
 * @typedef {{ id: string, summary?: string, details?: string, withdrawn?: string, affected?: Affected[] }} Advisory
 *
 * @typedef {import("./locks.mjs").Locked} Locked
 * @typedef {(a: string, b: string) => number} Compare below, equal to or above 0, as a is to b
 * @typedef {{ locked: Locked, id: string, summary: string, fixed?: string }} Finding
 */

/**
 * The part of an advisory that is about a package; none where it was withdrawn.
 *
 * @param {Advisory} advisory
 * @param {Pick<Locked, "ecosystem" | "name">} locked
 */
export const partsAbout = ({ withdrawn, affected = [] }, { ecosystem, name }) =>
  withdrawn
    ? []
    : affected.filter(
        ({ package: it }) =>
          it?.ecosystem === ecosystem &&
          (ecosystem === "PyPI" ? normalName(it.name) === normalName(name) : it.name === name),
      );

/** Every version a part's ranges name. @param {Affected} part */
export const boundsOf = (part) => rangesOf(part).flatMap(({ events }) => events.map(boundOf));

/** Those of versions; others are of commits. @param {Affected} part */
const rangesOf = ({ ranges = [] }) => ranges.filter(({ type }) => type !== "GIT");

/** @param {Event} event */
const boundOf = ({ introduced, fixed, last_affected }) =>
  introduced ?? fixed ?? last_affected ?? "0";

/** "0" comes before every version. @param {Compare} compare @returns {Compare} */
const fromZero = (compare) => (a, b) =>
  a === "0" || b === "0" ? Number(b === "0") - Number(a === "0") : compare(a, b);

/**
 * Whether a version is one that a part is about: it is listed, or the last event at or before it is
 * its introduction.
 *
 * @param {Affected} part
 * @param {string} version
 * @param {Compare} order
 */
export function covers(part, version, order) {
  const compare = fromZero(order);
  const inRange = (/** @type {Range} */ { events }) => {
    let affected = false;
    for (const event of events.toSorted((a, b) => compare(boundOf(a), boundOf(b)))) {
      const side = compare(version, boundOf(event));
      if (event.introduced !== undefined && side >= 0) affected = true;
      if (event.fixed !== undefined && side >= 0) affected = false;
      if (event.last_affected !== undefined && side > 0) affected = false;
    }
    return affected;
  };
  return (part.versions ?? []).includes(version) || rangesOf(part).some(inRange);
}

/**
 * @param {Affected} part
 * @param {string} version
 * @param {Compare} order
 * @returns {string | undefined} the first version after this one without the fault
 */
function fixedAfter(part, version, order) {
  const compare = fromZero(order);
  return rangesOf(part)
    .flatMap(({ events }) => events.flatMap(({ fixed }) => fixed ?? []))
    .filter((fixed) => compare(fixed, version) > 0)
    .sort(compare)[0];
}

/**
 * @param {readonly Advisory[]} advisories
 * @param {readonly Locked[]} packages
 * @param {(locked: Locked) => Compare} orderOf how the versions of a package's ecosystem are ordered
 * @returns {Finding[]}
 */
export const findings = (advisories, packages, orderOf) =>
  packages.flatMap((locked) =>
    advisories.flatMap((advisory) => {
      const order = orderOf(locked);
      const part = partsAbout(advisory, locked).find((each) => covers(each, locked.version, order));
      if (!part) return [];
      const fixed = fixedAfter(part, locked.version, order);
      const summary = advisory.summary ?? advisory.details?.split("\n", 1)[0] ?? "";
      return [{ locked, id: advisory.id, summary, ...(fixed && { fixed }) }];
    }),
  );
