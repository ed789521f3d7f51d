import type { Tensor, Tensors } from "tract-wasm";
import { frames } from "./slices.js";

/** What a running model is given, pulse by pulse. */
export interface Feed {
  /** What it is, e.g. `reference`. */
  readonly name: string;
  /** Pulses there are. */
  readonly pulses: number;
  /** The inputs of a pulse, waiting for it where need be; undefined when there is none. */
  pulse(at: number): Promise<Tensors | undefined>;
  /** The first pulses, `most` at most, in one piece: what a model that is not pulsed takes. */
  whole(most: number): Tensors;
}

/** How a pulsed model takes its inputs: which axis streams, and how many frames at a time. */
export interface Intake {
  readonly inputs: readonly { readonly name: string; readonly axis: number }[];
  readonly frames: number;
}

/** Whole tensors, cut into pulses; the last is filled up with zeros. */
export function cut(name: string, whole: ReadonlyMap<string, Tensor>, intake: Intake): Feed {
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

/** All at once, for a model that is not pulsed. */
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
 * Sound, in pulses of the shape the input asks for; the last is filled up with silence.
 *
 * @param axis the input's streaming axis; none before it may be longer than 1
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
