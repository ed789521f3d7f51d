import type { Tensor, Tensors } from "tract-wasm";
import { frames } from "./slices.js";

/** What a running model is given, pulse by pulse. */
export interface Feed {
  /** What it is, e.g. `reference`. */
  readonly name: string;
  /** Pulses there are; undefined while more may come. */
  readonly pulses: number | undefined;
  /** The inputs of a pulse, waiting for it where need be; undefined when there is none. */
  pulse(at: number): Promise<Tensors | undefined>;
  /** Lets go of where it comes from. */
  close?(): void;
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
  return {
    name,
    pulses,
    pulse: async (at) => {
      if (at >= pulses) return undefined;
      const given: Record<string, Tensor> = {};
      for (const { name: input, axis } of intake.inputs) {
        const tensor = whole.get(input);
        if (tensor)
          given[input] =
            axis < 0 ? tensor : frames(tensor, axis, at * intake.frames, intake.frames);
      }
      return given;
    },
  };
}

/** All at once, for a model that is not pulsed. */
export function once(name: string, whole: ReadonlyMap<string, Tensor>): Feed {
  const inputs = Object.fromEntries(whole);
  return { name, pulses: 1, pulse: async (at) => (at === 0 ? inputs : undefined) };
}

/** Sound, as `samples` per pulse in the shape the input asks for. */
export function sound(
  name: string,
  samples: Float32Array,
  input: string,
  shape: readonly number[],
): Feed {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const pulses = Math.ceil(samples.length / size);
  return {
    name,
    pulses,
    pulse: async (at) => {
      if (at >= pulses) return undefined;
      const data = new Float32Array(size);
      data.set(samples.subarray(at * size, (at + 1) * size));
      return { [input]: { data, shape, dtype: "f32" } };
    },
  };
}
