import type { Tensor, Tensors } from "tract-wasm";
import { frames } from "./tensor-frames.js";

/** Inputs of a run, pulse by pulse. */
export interface Feed {
  /** Name shown on the page, e.g. `reference`. */
  readonly name: string;
  /** Number of pulses. */
  readonly pulses: number;
  /** Inputs of pulse `at`; undefined after the last. */
  pulse(at: number): Promise<Tensors | undefined>;
  /** The first pulses, at most `most`, concatenated for the whole model. */
  whole(most: number): Tensors;
}

/** Streaming axis of each input, and frames per pulse. */
export interface FeedFormat {
  readonly inputs: readonly { readonly name: string; readonly axis: number }[];
  readonly frames: number;
}

/** Whole tensors, cut into pulses; the last one is padded with zeros. */
export function cut(name: string, whole: ReadonlyMap<string, Tensor>, intake: FeedFormat): Feed {
  const streaming = intake.inputs.filter(({ axis }) => axis >= 0);
  const lengths = streaming.map(({ name: input, axis }) => whole.get(input)?.shape[axis] ?? 0);
  const pulses = Math.ceil(Math.max(0, ...lengths) / intake.frames);
  const part = (from: number, count: number): Tensors => {
    const given: Record<string, Tensor> = {};
    for (const { name: input, axis } of intake.inputs) {
      const tensor = whole.get(input);
      if (tensor) given[input] = axis < 0 ? tensor : frames(tensor, axis, from, count);
    }
    return given;
  };
  return {
    name,
    pulses,
    pulse: async (at) => (at < pulses ? part(at * intake.frames, intake.frames) : undefined),
    whole: (most) => part(0, Math.min(pulses, most) * intake.frames),
  };
}

/** All input in one run, for a model that is not pulsed. */
export function once(name: string, whole: ReadonlyMap<string, Tensor>): Feed {
  const inputs = Object.fromEntries(whole);
  return {
    name,
    pulses: 1,
    pulse: async (at) => (at === 0 ? inputs : undefined),
    whole: () => inputs,
  };
}

/**
 * Sound in pulses of the input's shape; the last one is padded with silence.
 *
 * @param axis the input's streaming axis; axes before it must have size 1
 */
export function sound(
  name: string,
  samples: Float32Array,
  input: string,
  shape: readonly number[],
  axis: number,
): Feed {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const pulses = Math.ceil(samples.length / size);
  const part = (from: number, count: number): Tensors => {
    const data = new Float32Array(count * size);
    data.set(samples.subarray(from * size, (from + count) * size));
    const long = shape.map((dim, at) => (at === axis ? dim * count : dim));
    return { [input]: { data, shape: long, dtype: "f32" } };
  };
  return {
    name,
    pulses,
    pulse: async (at) => (at < pulses ? part(at, 1) : undefined),
    whole: (most) => part(0, Math.min(pulses, most)),
  };
}
