import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inRoot } from "../../../setup/paths.mjs";
import { expect } from "../fixtures.js";
import type { Figures, Memory } from "./figures.js";

/** Where the sound lies, and what was measured. */
export const folder = inRoot(".build", "endurance");

/** Bytes by which a page's heap may be larger after a run than before. */
const SLACK = 3_000_000;

export async function keep(figures: Figures) {
  await mkdir(folder, { recursive: true });
  const { browser, what } = figures;
  await writeFile(join(folder, `${browser}-${what}.json`), `${JSON.stringify(figures)}\n`);
}

export function largest(found: readonly number[], wanted: ArrayLike<number>): number {
  expect(found.length).toBe(wanted.length);
  return found.reduce((most, p, n) => Math.max(most, Math.abs(p - (wanted[n] as number))), 0);
}

/** The engine's from the first tenth on, the page's in all, but for what a recording keeps. */
export function expectFlat({ engineBytes, heapBefore, heapAfter }: Memory, kept = 0) {
  expect(engineBytes.length).toBeGreaterThan(5);
  expect(new Set(engineBytes.slice(1)).size).toBe(1);
  if (heapBefore !== null && heapAfter !== null)
    expect(heapAfter - heapBefore - kept).toBeLessThan(SLACK);
}
