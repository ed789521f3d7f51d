import type { Tensor, Tensors } from "tract-wasm";
import { frames, largestDifference } from "../values/slices.js";

/** What the source framework gave, to hold a run against. */
export interface Expected {
  readonly tolerance: number;
  /** Whether the outputs of a pulse number can be compared yet. */
  begun(pulses: number): boolean;
  /** The largest difference of a pulse's outputs, where they can be compared. */
  compare(outputs: Tensors, pulse: number): number | undefined;
}

/** A whole run against whole outputs. */
export function expectWhole(reference: ReadonlyMap<string, Tensor>, tolerance: number): Expected {
  return {
    tolerance,
    begun: (pulses) => pulses > 0,
    compare(outputs) {
      const known = Object.entries(outputs).flatMap(([name, output]) => {
        const right = reference.get(name);
        return right ? [largestDifference(output, right)] : [];
      });
      return known.length > 0 ? Math.max(...known) : undefined;
    },
  };
}

export interface Streamed {
  /** Output frames before the first that stands for the stream's first. */
  readonly delay: number;
  /** Output frames after the delay that do not yet equal the whole. */
  readonly warmUp: number;
  readonly outputs: readonly { readonly name: string; readonly axis: number }[];
}

/** A stream, its outputs moved back by the delay, against whole outputs. */
export function expectStreamed(
  reference: ReadonlyMap<string, Tensor>,
  { delay, warmUp, outputs: ports }: Streamed,
  tolerance: number,
): Expected {
  let perPulse = 1;
  return {
    tolerance,
    begun: (pulses) => pulses * perPulse > delay + warmUp,
    compare(outputs, pulse) {
      const known = ports.flatMap(({ name, axis }) => {
        const [output, right] = [outputs[name], reference.get(name)];
        if (!output || !right || axis < 0) return [];
        perPulse = output.shape[axis] ?? 1;
        // Frames of the whole this pulse stands for, less those that come before, warm up or end.
        const first = pulse * perPulse - delay;
        const from = Math.max(first, warmUp);
        const to = Math.min(first + perPulse, right.shape[axis] ?? 0);
        if (to <= from) return [];
        const got = frames(output, axis, from - first, to - from);
        return [largestDifference(got, frames(right, axis, from, to - from))];
      });
      return known.length > 0 ? Math.max(...known) : undefined;
    },
  };
}
