import { hatch, stateCell } from "nnef-pulse/look";
import type { Tensor } from "tract-wasm";
import type { Pen } from "../../kit/figures/drawing.ts";
import type { Cache } from "../model/decoder.ts";

/** Where a picture of a cache stands: one column a position. */
export interface Place {
  readonly y: number;
  /** Of the first column. */
  readonly x: number;
  /** Of a column, and how many there are. */
  readonly wide: number;
  readonly positions: number;
}

/** Height of one layer's keys, or values. */
const ROW = 20;
const GAP = 6;
/** Room for the rows' names. */
export const NAMES = 84;

/** Keys and values of each layer. */
export const cacheHeight = (layers: number): number => layers * (2 * ROW + GAP);

/** Draws layers × positions. The strength of keys and values fills a cell; positions not yet read are empty. */
export function paintCache(pen: Pen, { x, y, wide, positions }: Place, cache: Cache) {
  const { context, palette } = pen;
  const fill = hatch(context, palette.state);
  const layers = cache.keys.shape[0] ?? 0;
  for (let layer = 0; layer < layers; layer++) {
    const top = y + layer * (2 * ROW + GAP);
    for (const [at, [name, tensor]] of Object.entries({
      keys: cache.keys,
      values: cache.values,
    }).entries()) {
      const row = top + at * ROW;
      pen.label(at === 0 ? `layer ${layer}` : "", 4, row + ROW, palette.ink);
      pen.label(name.charAt(0), NAMES - 14, row + ROW / 2, palette.muted);
      const held = strengths(tensor, layer);
      const most = Math.max(1e-6, ...held);
      for (let position = 0; position < positions; position++) {
        const box = {
          x: x + position * wide,
          y: row,
          width: Math.max(1, wide - (wide > 4 ? 2 : 1)),
          height: ROW - 3,
        };
        context.strokeStyle = palette.hairline;
        context.lineWidth = 1;
        context.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
        const strength = held[position];
        if (strength !== undefined) stateCell(context, box, strength / most, palette.state, fill);
      }
    }
  }
}

/** The root mean square of a layer's numbers at each position; the tensor is (layers, heads, positions, width). */
function strengths({ data, shape }: Tensor, layer: number): number[] {
  const [, heads = 0, positions = 0, width = 0] = shape;
  const numbers = data as Float32Array;
  return Array.from({ length: positions }, (_, position) => {
    let sum = 0;
    for (let head = 0; head < heads; head++) {
      const from = ((layer * heads + head) * positions + position) * width;
      for (let at = from; at < from + width; at++) sum += (numbers[at] ?? 0) ** 2;
    }
    return Math.sqrt(sum / (heads * width));
  });
}
