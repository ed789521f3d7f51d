import type { Row } from "./report.ts";

interface Metric {
  /** What is measured, where the table around it does not say. */
  readonly what?: string;
  readonly say: (value: number) => string;
}

const METRICS: Readonly<Record<string, Metric>> = {
  pulse_us: { say: time },
  first_probability_ms: { say: (ms) => time(1000 * ms) },
  transferred_gzip_bytes: { what: "download", say: (bytes) => `${(bytes / 1e6).toFixed(2)} MB` },
  main_thread_ms_per_s: { what: "main thread", say: share },
  process_ms_per_s: { what: "whole process", say: share },
  multiply_adds_per_us: { what: "multiply-adds", say: (value) => `${Math.round(value)} per µs` },
};

/** A metric of another version is shown by its own name. */
const metricOf = ({ metric }: Row): Metric => METRICS[metric] ?? { what: metric, say: String };

/** The row's case, and what was measured of it. */
export const whatOf = (row: Row): string =>
  [row.case, metricOf(row).what].filter((word) => word !== undefined).join(", ");

/** One of the row's numbers with its unit. */
export const said = (row: Row, value: number): string => metricOf(row).say(value);

const UNITS = [
  ["s", 1e6],
  ["ms", 1e3],
] as const;

/** `12.3 µs`, `4.56 ms` or `7.89 s`, whichever reads better. */
export function time(microseconds: number): string {
  // From half a digit below: it is rounded to three.
  const [unit, size] = UNITS.find(([, size]) => microseconds >= 0.9995 * size) ?? ["µs", 1];
  return `${(microseconds / size).toPrecision(3)} ${unit}`;
}

function share(msPerSecond: number): string {
  return `${(msPerSecond / 10).toPrecision(2)} %`;
}
