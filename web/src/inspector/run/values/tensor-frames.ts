import type { Tensor } from "tract-wasm";
import { ITEM_ARRAYS } from "../../../formats/item-arrays.js";

/** Number of items before and after an axis of a row-major shape. */
function around(shape: readonly number[], axis: number): [outer: number, inner: number] {
  const product = (dims: readonly number[]) => dims.reduce((all, dim) => all * dim, 1);
  return [product(shape.slice(0, axis)), product(shape.slice(axis + 1))];
}

/** Frames `from` to `from + count` of a tensor along `axis`. Frames past its end are zeros. */
export function frames(tensor: Tensor, axis: number, from: number, count: number): Tensor {
  const { shape, dtype } = tensor;
  const length = shape[axis] ?? 1;
  const [outer, inner] = around(shape, axis);
  const data = new ITEM_ARRAYS[dtype](outer * count * inner);
  const there = Math.max(0, Math.min(count, length - from));
  for (let at = 0; at < outer; at++) {
    const begin = (at * length + from) * inner;
    const part = tensor.data.subarray(begin, begin + there * inner);
    // Both arrays are of the dtype's own kind.
    (data as Float32Array).set(part as Float32Array, at * count * inner);
  }
  return { data, dtype, shape: shape.with(axis, count) } as Tensor;
}

/** Largest absolute difference of two tensors; infinite if their sizes differ. */
export function largestDifference(a: Tensor, b: Tensor): number {
  if (a.data.length !== b.data.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let at = 0; at < a.data.length; at++) {
    const difference = Math.abs(Number(a.data[at]) - Number(b.data[at]));
    // A NaN differs from everything.
    if (difference > most) most = difference;
    else if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
  }
  return most;
}

/** A tensor read along one axis. */
export interface Window {
  readonly data: Tensor["data"];
  /** Items before, along and after the axis. */
  readonly outer: number;
  readonly frames: number;
  readonly inner: number;
}

/**
 * The ways to read a tensor's axis as time. If a batch was folded into that axis, either of the two may be
 * the outer one. Without an axis (-1) the tensor is one frame.
 */
export function windowsOf({ data, shape }: Tensor, axis: number, batch: number): Window[] {
  if (axis < 0) return [{ data, outer: 1, frames: 1, inner: data.length }];
  const [outer, inner] = around(shape, axis);
  const frames = (shape[axis] ?? 1) / batch;
  const plain = { data, outer: outer * batch, frames, inner };
  return batch === 1 ? [plain] : [plain, { data, outer, frames, inner: inner * batch }];
}

/**
 * Largest absolute difference of `count` frames of two windows, or the first one above `enough`; infinite if
 * their sizes differ.
 */
export function windowDifference(
  [a, fromA]: readonly [Window, number],
  [b, fromB]: readonly [Window, number],
  count: number,
  enough: number,
): number {
  if (a.outer !== b.outer || a.inner !== b.inner) return Number.POSITIVE_INFINITY;
  let most = 0;
  const length = count * a.inner;
  for (let outer = 0; outer < a.outer; outer++) {
    const [left, right] = [
      (outer * a.frames + fromA) * a.inner,
      (outer * b.frames + fromB) * b.inner,
    ];
    for (let at = 0; at < length; at++) {
      const difference = Math.abs(Number(a.data[left + at]) - Number(b.data[right + at]));
      if (difference > most) most = difference;
      // Infinities of the same sign are equal; a NaN equals nothing.
      else if (Number.isNaN(difference) && a.data[left + at] !== b.data[right + at])
        return Number.POSITIVE_INFINITY;
    }
    if (most > enough) return most;
  }
  return most;
}

/** One column per frame along `axis`, with at most `rows` means over the other axes. */
export function columns(tensor: Tensor, axis: number, rows: number): Float32Array[] {
  const { shape, data } = tensor;
  const length = shape[axis] ?? 1;
  const [outer, inner] = around(shape, axis);
  const across = outer * inner;
  const bins = Math.max(1, Math.min(rows, across));
  return Array.from({ length }, (_, frame) => {
    const column = new Float32Array(bins);
    const counts = new Uint32Array(bins);
    for (let item = 0; item < across; item++) {
      const at = (Math.floor(item / inner) * length + frame) * inner + (item % inner);
      const bin = Math.floor((item * bins) / across);
      column[bin] = (column[bin] ?? 0) + Number(data[at]);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return column.map((sum, bin) => sum / (counts[bin] ?? 1));
  });
}
