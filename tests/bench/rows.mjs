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

/** @param {ReturnType<typeof rows>} all */
export function table(all) {
  const cells = [
    ["case", "runner", "ours µs", "theirs µs", "ratio", "p99 µs", "pulses"],
    ...all.map((row) =>
      [row.case, row.runner, row.ours, row.theirs, row.ratio, row.p99, row.rounds].map(String),
    ),
  ];
  const widths = (cells[0] ?? []).map((_, i) =>
    Math.max(...cells.map((line) => line[i]?.length ?? 0)),
  );
  return cells
    .map((line) =>
      line
        .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  "),
    )
    .join("\n");
}
