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

/** How an output of a stream is compared. */
export interface StreamedOutput {
  readonly name: string;
  readonly axis: number;
  readonly framesPerPulse: number;
  /** Frames before the one that belongs to the first input frame. */
  readonly delay: number;
  /** Frames after the delay that do not equal the whole model's yet. */
  readonly warmUp: number;
}

/** Compares a stream, with each output shifted by its own delay. */
export function expectStreamed(
  reference: ReadonlyMap<string, Tensor>,
  ports: readonly StreamedOutput[],
  tolerance: number,
): ExpectedOutputs {
  return {
    tolerance,
    canCompare: (pulses) =>
      ports.some(({ framesPerPulse, delay, warmUp }) => pulses * framesPerPulse > delay + warmUp),
    compare(outputs, pulse) {
      const known = ports.flatMap(({ name, axis, framesPerPulse: perPulse, delay, warmUp }) => {
        const [output, right] = [outputs[name], reference.get(name)];
        if (!output || !right || axis < 0) return [];
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
