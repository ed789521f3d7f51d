/** Engines on the same weights must agree, or their times say nothing. */
export const tolerance = 1e-3;

/**
 * @param {"chromium" | "node"} runner
 * @param {readonly import("./measure.mjs").Measured[]} measured
 * @param {string} peer
 */
export const rows = (runner, measured, peer) =>
  measured.map(({ case: name, ours, theirs, apart }) => {
    if (!(apart <= tolerance)) {
      throw new Error(
        `${name} in ${runner}: the two engines are ${apart} apart, more than ${tolerance}`,
      );
    }
    return {
      case: name,
      runner,
      metric: "pulse_us",
      ours: round(ours.median),
      peer,
      theirs: round(theirs.median),
      ratio: Number((ours.median / theirs.median).toFixed(3)),
      p99: round(ours.p99),
      rounds: ours.rounds,
    };
  });

/** To a tenth of a microsecond. @param {number} microseconds */
const round = (microseconds) => Number(microseconds.toFixed(1));

/**
 * @typedef {object} Row
 * @property {string} case
 * @property {"chromium" | "node"} runner
 * @property {string} metric
 * @property {number} ours
 * @property {string | null} peer
 * @property {number | null} theirs
 * @property {number | null} ratio
 * @property {number} p99
 * @property {number} rounds
 */

/** @param {readonly Row[]} all */
export function table(all) {
  const cells = [
    ["case", "runner", "metric", "ours", "theirs", "ratio", "p99", "rounds"],
    ...all.map((row) =>
      [row.case, row.runner, row.metric, row.ours, row.theirs, row.ratio, row.p99, row.rounds].map(
        (cell) => String(cell ?? ""),
      ),
    ),
  ];
  const widths = (cells[0] ?? []).map((_, i) =>
    Math.max(...cells.map((line) => line[i]?.length ?? 0)),
  );
  return cells
    .map((line) =>
      line
        .map((cell, i) => (i < 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  "),
    )
    .join("\n");
}
