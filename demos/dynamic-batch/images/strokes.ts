import type { Image } from "./digits.ts";

/** A point of the board: 0 to 1 from left to right and from top to bottom. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Positions of the pen from its touch to its lift. */
export type Stroke = readonly Point[];

/** Dots across one pixel. The training images were made of 4 by 4 dots per pixel. */
const DOTS = 4;
/** Width of the pen, in pixels of the image. */
const PEN = 1.15;

/**
 * Strokes as an image like scikit-learn's digits: scaled to the same height and centred. A pixel is the
 * share of its dots with ink (Alpaydin and Kaynak, "Cascading
 * classifiers", 1998: 32 by 32 dots, counted in blocks of 4 by 4).
 */
export function imageOf(strokes: readonly Stroke[], rows: number, columns: number): Image {
  const pixels = new Float32Array(rows * columns);
  const lines = scaleStrokes(strokes, rows, columns);
  const reach = PEN / 2;
  for (let row = 0; row < rows * DOTS; row++) {
    for (let column = 0; column < columns * DOTS; column++) {
      const dot = { x: (column + 0.5) / DOTS, y: (row + 0.5) / DOTS };
      if (!lines.some((line) => distance(line, dot) <= reach)) continue;
      const at = Math.floor(row / DOTS) * columns + Math.floor(column / DOTS);
      pixels[at] = (pixels[at] ?? 0) + 1 / (DOTS * DOTS);
    }
  }
  return { pixels, rows, columns };
}

/** Strokes in pixels, scaled to the image's height, or to its width if they are wider than high. */
function scaleStrokes(strokes: readonly Stroke[], rows: number, columns: number): Stroke[] {
  const points = strokes.flat();
  if (points.length === 0) return [];
  const [left, right] = extent(points.map(({ x }) => x));
  const [top, bottom] = extent(points.map(({ y }) => y));
  const [wide, high] = [right - left, bottom - top];
  // A single dot must not be scaled up.
  const scale = Math.min((columns - PEN) / Math.max(wide, 0.1), (rows - PEN) / Math.max(high, 0.1));
  const [x, y] = [(columns - wide * scale) / 2, (rows - high * scale) / 2];
  return strokes.map((stroke) =>
    stroke.map((point) => ({ x: x + (point.x - left) * scale, y: y + (point.y - top) * scale })),
  );
}

const extent = (values: readonly number[]): [number, number] => [
  Math.min(...values),
  Math.max(...values),
];

/** Distance from a point to a stroke. */
function distance(stroke: Stroke, { x, y }: Point): number {
  let least = Number.POSITIVE_INFINITY;
  stroke.forEach((from, at) => {
    const to = stroke[at + 1] ?? from;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const along = ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy || 1);
    const t = Math.max(0, Math.min(1, along));
    least = Math.min(least, Math.hypot(x - from.x - t * dx, y - from.y - t * dy));
  });
  return least;
}
