import type { Dtype, Tensor } from "tract-wasm";
import type { RemoteModel } from "tract-wasm/worker";
import { ITEM_ARRAYS } from "../../formats/item-arrays.js";
import { readSafetensors } from "../../formats/safetensors.js";
import { readReference, type Subject } from "../workspace/subject.js";

/** Value of a symbol that no reference defines. */
const SIZE = 16;
/** Frames of noise where there is no reference. */
const NOISE_FRAMES = 256;

/** Input tensors by name, and where they come from. */
export interface RunInputs {
  readonly name: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Whether expected outputs come with them. */
  readonly isReference: boolean;
}

/**
 * The tensors of the reference; without one, reproducible noise.
 *
 * @param streaming the symbol of time, which gets many frames
 * @throws InspectError when the reference is damaged
 */
export async function inputsFor(
  subject: Subject,
  model: RemoteModel,
  streaming: string | undefined,
): Promise<RunInputs> {
  const bytes = await readReference(subject);
  if (bytes) {
    const tensors = readSafetensors(bytes, "reference.safetensors");
    if (model.inputs.every(({ name }) => tensors.has(name))) {
      return { name: "reference", tensors, isReference: true };
    }
  }
  const tensors = model.inputs.map(({ name, dtype, shape }): [string, Tensor] => {
    const sizes = shape.map((dim) => {
      if (typeof dim === "number") return dim;
      return streaming !== undefined && dim === streaming ? NOISE_FRAMES : SIZE;
    });
    return [name, noise(dtype, sizes)];
  });
  return { name: "noise", tensors: new Map(tensors), isReference: false };
}

/** Uniform noise from -1 to 1, from a linear congruential generator (Numerical Recipes, 7.1); integers are 0. */
function noise(dtype: Dtype, shape: readonly number[]): Tensor {
  const data = new ITEM_ARRAYS[dtype](shape.reduce((all, dim) => all * dim, 1));
  if (data instanceof Float32Array || data instanceof Float64Array) {
    let state = 1;
    for (let at = 0; at < data.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      data[at] = state / 2 ** 31;
    }
  }
  return { data, shape, dtype } as Tensor;
}

/**
 * Decodes a sound file to mono samples at `rate`.
 *
 * @throws DOMException when the browser cannot decode it
 */
export async function decodeSound(file: Blob, rate: number): Promise<Float32Array> {
  const context = new OfflineAudioContext(1, 1, rate);
  const buffer = await context.decodeAudioData(await file.arrayBuffer());
  const mix = new Float32Array(buffer.length);
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    const samples = buffer.getChannelData(channel);
    for (let at = 0; at < mix.length; at++) {
      mix[at] = (mix[at] ?? 0) + (samples[at] ?? 0) / buffer.numberOfChannels;
    }
  }
  return mix;
}
