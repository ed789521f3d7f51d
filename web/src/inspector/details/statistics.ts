import { yieldToMain } from "../../base/yield-to-main.js";
import type { Values } from "../../formats/dat.js";

export interface Statistics {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly deviation: number;
  readonly zeros: number;
  readonly notFinite: number;
  /** Number of items in each of equal intervals from min to max. */
  readonly histogram: readonly number[];
}

export const BINS = 48;
/** Items processed before yielding to the main thread: a few milliseconds. */
const AT_ONCE = 1 << 20;

async function each(values: Exclude<Values, string[]>, look: (value: number) => void) {
  for (let from = 0; from < values.length; from += AT_ONCE) {
    const part = values.subarray(from, from + AT_ONCE);
    for (let at = 0; at < part.length; at++) look(Number(part[at]));
    if (from + AT_ONCE < values.length) await yieldToMain();
  }
}

/**
 * Statistics of a tensor's finite items, summed in double precision like numpy's `mean(dtype=float64)`. Yields
 * to the main thread regularly.
 */
export async function statistics(values: Exclude<Values, string[]>): Promise<Statistics> {
  let [min, max, sum, zeros, notFinite] = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    0,
    0,
  ];
  await each(values, (value) => {
    if (!Number.isFinite(value)) {
      notFinite++;
      return;
    }
    if (value < min) min = value;
    if (value > max) max = value;
    if (value === 0) zeros++;
    sum += value;
  });
  const count = values.length - notFinite;
  if (count === 0) {
    const none = Number.NaN;
    return {
      count: values.length,
      min: none,
      max: none,
      mean: none,
      deviation: none,
      zeros,
      notFinite,
      histogram: [],
    };
  }
  const mean = sum / count;
  const histogram = new Array<number>(BINS).fill(0);
  const scale = max > min ? BINS / (max - min) : 0;
  let squares = 0;
  await each(values, (value) => {
    if (!Number.isFinite(value)) return;
    squares += (value - mean) ** 2;
    const bin = Math.min(BINS - 1, Math.floor((value - min) * scale));
    histogram[bin] = (histogram[bin] ?? 0) + 1;
  });
  const deviation = Math.sqrt(squares / count);
  return { count: values.length, min, max, mean, deviation, zeros, notFinite, histogram };
}

/** Formats a number, by default with at most six significant digits. */
export function shortNumber(value: number, digits = 6): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  return Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : String(value);
}
