import { sileroMultiplyAdds } from "./limit.mjs";

/**
 * What one runner measured, as rows of the report.
 *
 * @param {Runner} runner
 * @param {{ measured: readonly import("./measure.mjs").Measured[], limit: number }} result
 * @param {string} peer
 * @returns {Row[]}
 */
export const rows = (runner, { measured, limit }, peer) => [
  ...measured.map((one) => {
    const { case: name, ours, theirs, ratio, apart, tolerance } = one;
    if (!(apart <= tolerance)) {
      throw new Error(
        `${name} in ${runner}: the two engines are ${apart} apart, more than ${tolerance}`,
      );
    }
    const { p99, rounds, median, batch } = ours;
    const row = theirs
      ? {
          ...compared(name, runner, "pulse_us", median, peer, theirs.median, p99, rounds),
          ratio: Number(ratio.toFixed(3)),
          theirP99: rounded(theirs.p99),
        }
      : alone(name, runner, "pulse_us", median, p99, rounds);
    return batch > 1 ? { ...row, batch } : row;
  }),
  ...limitRows(runner, measured, limit),
];

/**
 * The machine's limit, and the share of it that a pulse reaches.
 *
 * @param {Runner} runner @param {readonly import("./measure.mjs").Measured[]} measured
 * @param {number} limit multiply-adds per µs
 */
function limitRows(runner, measured, limit) {
  const silero = measured.find((one) => one.case === "silero-vad");
  if (!silero) return [];
  const reached = sileroMultiplyAdds / silero.ours.median;
  const { rounds } = silero.ours;
  return [
    compared(
      "silero-vad",
      runner,
      "multiply_adds_per_us",
      reached,
      "simd128 loop",
      limit,
      reached,
      rounds,
    ),
  ];
}

/**
 * @param {string} name @param {Runner} runner @param {string} metric @param {number} ours
 * @param {string} peer @param {number} theirs @param {number} p99 @param {number} rounds
 * @returns {Row}
 */
export const compared = (name, runner, metric, ours, peer, theirs, p99, rounds) => ({
  ...alone(name, runner, metric, ours, p99, rounds),
  peer,
  theirs: rounded(theirs),
  ratio: Number((ours / theirs).toFixed(3)),
});

/**
 * @param {string} name @param {Runner} runner @param {string} metric @param {number} ours
 * @param {number} p99 @param {number} rounds
 * @returns {Row}
 */
export const alone = (name, runner, metric, ours, p99, rounds) => ({
  case: name,
  runner,
  metric,
  ours: rounded(ours),
  peer: null,
  theirs: null,
  ratio: null,
  p99: rounded(p99),
  rounds,
});

/** To a tenth of a unit. @param {number} value */
const rounded = (value) => Number(value.toFixed(1));

/** @typedef {"chromium" | "firefox" | "webkit" | "node"} Runner */

/**
 * @typedef {object} Row
 * @property {string} case
 * @property {Runner} runner
 * @property {string} metric
 * @property {number} ours
 * @property {string | null} peer
 * @property {number | null} theirs
 * @property {number | null} ratio of a pulse or run, that of turns which follow each other
 * @property {number} p99
 * @property {number} [theirP99] of the same turns: what a busy machine adds, it adds to both
 * @property {number} rounds readings of the clock
 * @property {number} [batch] steps each of them is over, and `p99` with it; one if not given
 */

/** @param {readonly Row[]} all */
export function table(all) {
  const cells = [
    ["case", "runner", "metric", "ours", "theirs", "ratio", "p99", "their p99", "rounds"],
    ...all.map((row) =>
      [
        row.case,
        row.runner,
        row.metric,
        row.ours,
        row.theirs,
        row.ratio,
        row.p99,
        row.theirP99,
        row.batch ? `${row.rounds} × ${row.batch}` : row.rounds,
      ].map((cell) => String(cell ?? "")),
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
