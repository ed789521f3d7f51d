import { expect, test } from "vitest";
import { imageOf, type Stroke } from "../../../demos/dynamic-batch/images/strokes.ts";
import { random } from "../random.ts";

/** A stroke of a few points somewhere in the middle of the board. */
function strokeOf(next: () => number): Stroke {
  return Array.from({ length: 6 }, () => ({ x: 0.3 + 0.3 * next(), y: 0.2 + 0.5 * next() }));
}

/** Dots on the edge of the pen may fall either way when coordinates are rounded. */
const ROUNDED = 0.5;

test("what is written means the same wherever and however large it is written", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed);
    const strokes = [strokeOf(next), strokeOf(next)];
    const [dx, dy, scale] = [0.2 * next(), 0.2 * next(), 0.6 + 0.4 * next()];
    const moved = strokes.map((stroke) =>
      stroke.map(({ x, y }) => ({ x: x * scale + dx, y: y * scale + dy })),
    );
    const [here, there] = [imageOf(strokes, 8, 8), imageOf(moved, 8, 8)];
    const off = here.pixels.reduce(
      (sum, value, at) => sum + Math.abs(value - (there.pixels[at] ?? 0)),
      0,
    );
    expect(off, `seed ${seed}`).toBeLessThan(ROUNDED);
  }
});

test("pixels are sixteenths, and the image is filled in one direction", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { pixels } = imageOf([strokeOf(random(seed))], 8, 8);
    for (const value of pixels) expect(value * 16).toBe(Math.round(value * 16));
    const inked = (at: readonly number[]) => at.some((each) => (pixels[each] ?? 0) > 0);
    const line = Array.from({ length: 8 }, (_, at) => at);
    const high = inked(line) && inked(line.map((at) => 56 + at));
    const wide = inked(line.map((at) => 8 * at)) && inked(line.map((at) => 8 * at + 7));
    expect(high || wide, `seed ${seed}`).toBe(true);
  }
});

test("a board without ink is paper, a dot stays small", () => {
  expect(imageOf([], 8, 8).pixels.every((value) => value === 0)).toBe(true);
  const { pixels } = imageOf([[{ x: 0.9, y: 0.1 }]], 8, 8);
  const ink = pixels.reduce((sum, value) => sum + value, 0);
  expect(ink).toBeGreaterThan(0);
  expect(ink).toBeLessThan(4);
});
