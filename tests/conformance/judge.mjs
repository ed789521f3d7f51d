// What rows of a case are held to, whatever ran it.

/** @typedef {import("./run-cases.mjs").Row} Row */

/**
 * One line on a row.
 *
 * @param {string} where @param {Row} row
 */
export const described = (where, { what, error, compared }) =>
  `${where}: ${what}: largest error ${Number(error).toExponential(1)} over ${compared}`;

/**
 * What does not hold. JSON, in which some drivers hand over a page's answers, makes an infinite
 * error null: that fails too.
 *
 * @param {readonly Row[]} rows @returns {string[]}
 */
export const failures = (rows) =>
  rows.flatMap(({ what, error, compared, tolerance }) => {
    const holds = typeof error === "number" && error <= tolerance && compared > 0;
    return holds ? [] : [`${what}: ${error} over ${compared}, where ${tolerance} is allowed`];
  });
