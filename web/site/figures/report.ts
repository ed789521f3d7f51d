/** One row of `npm run bench -- --json FILE`. */
export interface Row {
  readonly case: string;
  readonly runner: "chromium" | "firefox" | "webkit" | "node";
  readonly metric: string;
  readonly ours: number;
  readonly peer: string | null;
  readonly theirs: number | null;
  readonly ratio: number | null;
  readonly p99: number;
  /** Of the same turns: what a busy machine adds, it adds to both. */
  readonly theirP99?: number;
  /** Readings of the clock. */
  readonly rounds: number;
  /** Steps that each of them, and with it the p99, is over; one if not given. */
  readonly batch?: number;
}

/** A row that has a peer. */
export type Compared = Row & {
  readonly peer: string;
  readonly theirs: number;
  readonly ratio: number;
};

export interface Report {
  /** `measured` is a date, `class` and `cpu` say what kind of machine; nothing names it. */
  readonly machine: Readonly<Record<string, string | number>>;
  /** Browsers nothing was measured in, and why. */
  readonly skipped?: readonly { readonly runner: string; readonly reason: string }[];
  readonly results: readonly Row[];
}

/**
 * Reads a report somebody chose.
 *
 * @throws TypeError with a sentence, if it is not one
 */
export function readReport(text: string): Report {
  let report: Partial<Report> | null;
  try {
    report = JSON.parse(text);
  } catch {
    throw new TypeError("It is not JSON.");
  }
  const rows = report?.results;
  if (!Array.isArray(rows) || !rows.every(isRow) || typeof report?.machine !== "object") {
    throw new TypeError("It is not what npm run bench writes.");
  }
  return report as Report;
}

function isRow(row: Partial<Row> | null): row is Row {
  return (
    typeof row?.case === "string" &&
    typeof row.runner === "string" &&
    typeof row.metric === "string" &&
    typeof row.ours === "number" &&
    typeof row.rounds === "number"
  );
}

/** Rows with a peer, or with one whose name begins so, best ratio first. */
export const beside = (rows: readonly Row[], peer = ""): Compared[] =>
  rows
    .filter((row): row is Compared => row.ratio !== null && (row.peer?.startsWith(peer) ?? false))
    .sort((a, b) => a.ratio - b.ratio);
