import { createRequire } from "node:module";
import { isAccepted } from "./licences.mjs";

/**
 * Software of others that is part of what we ship.
 *
 * @typedef {object} Component
 * @property {string} name
 * @property {string} version
 * @property {string} licence an SPDX expression
 * @property {string} [home] where its sources are
 * @property {readonly string[]} texts copyright, licence and notices as they came with it
 */

/** What the list is called in packages, site and folder. */
export const fileName = "THIRD-PARTY.txt";

/** Stands between components; no text may hold it. */
const rule = `\n${"=".repeat(80)}\n\n`;
const within = `\n${"-".repeat(40)}\n\n`;

/**
 * The list as it is shipped: its bytes depend on the components alone.
 * @param {string} what the thing whose parts these are
 * @param {Iterable<string>} sections of components, in any order, doubled or not
 */
export function thirdPartyList(what, sections) {
  const key = (/** @type {string} */ section) => section.toLowerCase();
  const sorted = [...new Set(sections)].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const names = sorted.map((section) => `  ${section.split("\n", 1)}\n`);
  const head = `${what} is made by the nnef-pulse authors, MIT OR Apache-2.0. Parts of it come from others,
with thanks, under the terms below. Where there is a choice, those taken are the ones quoted.

${names.join("")}`;
  return [head, ...sorted].join(rule);
}

/** The sections of a list made before. @param {string} list */
export const sectionsOf = (list) => list.split(rule).slice(1);

/**
 * What the list says of one component.
 * @param {Component} component
 * @throws {Error} if its terms are unknown, are not accepted, or came without a text
 */
export function section({ name, version, licence, home, texts }) {
  const who = `${name} ${version}`;
  if (!isAccepted(licence)) {
    throw new Error(
      `${who} is shipped under "${licence}", which web/build/notices/licences.mjs does not accept: leave it out, or add its licence there with what it asks.`,
    );
  }
  if (texts.length === 0)
    throw new Error(`${who} is shipped, and no text of its licence is known.`);
  const whole = [...new Set(texts.map(plain))].join(within);
  if (whole.includes(rule)) throw new Error(`A notice of ${who} holds the line between notices.`);
  return `${[who, licence, ...(home ? [home] : [])].join("\n")}\n\n${whole}`;
}

/** The same text from any checkout. @param {string} text */
const plain = (text) =>
  `${text
    .replace(/^\uFEFF/, "")
    .replace(/[ \t]*\r?\n/g, "\n")
    .replace(/^\n+|\s+$/g, "")}\n`;

const require = createRequire(import.meta.url);

/**
 * The text SPDX keeps of a licence, for what comes without.
 * @param {string} id @param {string} holders put where the text leaves room for them
 * @returns {string}
 */
export function standardText(id, holders) {
  const { licenseText } = require(`spdx-license-list/licenses/${id}`);
  const room = /<year> <(copyright holders|owner)>|YEAR by AUTHOR EMAIL/;
  return room.test(licenseText)
    ? licenseText.replace(room, holders)
    : `Copyright ${holders}\n\n${licenseText}`;
}
