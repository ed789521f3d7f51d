import type { Tensor } from "tract-wasm";
import { ITEM_ARRAYS } from "../formats/item-arrays.js";

/** Values of a tensor, of whichever dtype. */
export type Items = Tensor["data"];

/** How the items of one frame lie in a row-major tensor: `outer` runs of `inner` items each. */
export interface FrameLayout {
  readonly dtype: Tensor["dtype"];
  readonly outer: number;
  readonly inner: number;
}

/** @param axis of the frames; -1 makes the whole tensor one frame */
export function frameLayout(
  dtype: Tensor["dtype"],
  shape: readonly number[],
  axis: number,
): FrameLayout {
  const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);
  return {
    dtype,
    outer: product(shape.slice(0, Math.max(0, axis))),
    inner: product(shape.slice(axis + 1)),
  };
}

export const itemsPerFrame = ({ outer, inner }: FrameLayout): number => outer * inner;

export function newItems({ dtype }: FrameLayout, length: number): Items {
  return new ITEM_ARRAYS[dtype](length);
}

/** Copies `frames` frames from one tensor of `fromFrames` to another of `toFrames`. */
export function copyFrames(
  { outer, inner }: FrameLayout,
  from: { readonly items: Items; readonly frames: number; readonly at: number },
  to: { readonly items: Items; readonly frames: number; readonly at: number },
  frames: number,
): void {
  for (let run = 0; run < outer; run++) {
    const begin = (run * from.frames + from.at) * inner;
    const part = from.items.subarray(begin, begin + frames * inner);
    // Both arrays are of the layout's dtype.
    (to.items as Float32Array).set(part as Float32Array, (run * to.frames + to.at) * inner);
  }
}
