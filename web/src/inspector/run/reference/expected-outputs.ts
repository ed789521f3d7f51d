import type { Tensor, Tensors } from "tract-wasm";
import { frames, largestDifference } from "../values/tensor-frames.js";

/** Outputs of the source framework, to compare a run with. */
export interface ExpectedOutputs {
  readonly tolerance: number;
  /** Whether outputs can be compared after so many pulses. */
  canCompare(pulses: number): boolean;
  /** Largest difference of a pulse's outputs; undefined where they cannot be compared. */
  compare(outputs: Tensors, pulse: number): number | undefined;
}

/** Compares a run of the whole model. */
export function expectWhole(
  reference: ReadonlyMap<string, Tensor>,
  tolerance: number,
): ExpectedOutputs {
  return {
    tolerance,
    canCompare: (pulses) => pulses > 0,
    compare(outputs) {
      const known = Object.entries(outputs).flatMap(([name, output]) => {
        const right = reference.get(name);
        return right ? [largestDifference(output, right)] : [];
      });
      return known.length > 0 ? Math.max(...known) : undefined;
    },
  };
}

export interface StreamedOutputs {
  /** Output frames before the one that belongs to the first input frame. */
  readonly delay: number;
  /** Output frames after the delay that do not equal the whole model's yet. */
  readonly warmUp: number;
  readonly outputs: readonly { readonly name: string; readonly axis: number }[];
}

/** Compares a stream, with its outputs shifted by the delay. */
export function expectStreamed(
  reference: ReadonlyMap<string, Tensor>,
  { delay, warmUp, outputs: ports }: StreamedOutputs,
  tolerance: number,
): ExpectedOutputs {
  let perPulse = 1;
  return {
    tolerance,
    canCompare: (pulses) => pulses * perPulse > delay + warmUp,
    compare(outputs, pulse) {
      const known = ports.flatMap(({ name, axis }) => {
        const [output, right] = [outputs[name], reference.get(name)];
        if (!output || !right || axis < 0) return [];
        perPulse = output.shape[axis] ?? 1;
        // Frames of the whole output in this pulse, without delay, warm-up and end.
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
