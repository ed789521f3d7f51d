import type { BundleReading } from "nnef-pulse/reading";
import { type Tensor, tensor } from "tract-wasm";
import type { RemoteRunnable } from "tract-wasm/worker";
import type { Lesson } from "../../kit/page/lesson.ts";

/** All tokens in the order of their ids: the recipe's `VOCABULARY`. */
export const VOCABULARY = "0123456789+=;";

/** Keys and values, each (layers, heads, positions, width), f32. */
export interface Cache {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** Outputs of a run. */
export interface DecoderOutput {
  /** (tokens, vocabulary), f32. */
  readonly logits: Float32Array;
  readonly cache: Cache;
}

/** The language model, prepared once for all figures. */
export class Decoder {
  static readonly #decoders = new WeakMap<Lesson, Promise<Decoder>>();
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly runnable: RemoteRunnable;

  private constructor(runnable: RemoteRunnable) {
    this.runnable = runnable;
    const past = runnable.inputs.find(({ name }) => name === "past_keys");
    const [layers, heads, , width] = (past?.shape ?? []).map(Number);
    if (!layers || !heads || !width) throw new Error("the model has no input past_keys");
    this.layers = layers;
    this.heads = heads;
    this.width = width;
  }

  /** @throws TractError, BundleError */
  static of(lesson: Lesson): Promise<Decoder> {
    const decoder =
      Decoder.#decoders.get(lesson) ??
      lesson.engine().then(async ({ whole }) => new Decoder(await whole.prepare()));
    Decoder.#decoders.set(lesson, decoder);
    decoder.catch(() => Decoder.#decoders.delete(lesson));
    return decoder;
  }

  /** A cache without positions. */
  get emptyCache(): Cache {
    return this.zeroCache(0);
  }

  /** A cache of zeros, for runs in which only its size matters. */
  zeroCache(positions: number): Cache {
    const { layers, heads, width } = this;
    const zeros = () =>
      tensor(new Float32Array(layers * heads * positions * width), [
        layers,
        heads,
        positions,
        width,
      ]);
    return { keys: zeros(), values: zeros() };
  }

  /** Inputs by name. */
  inputs(text: string, past: Cache): Record<string, Tensor> {
    const ids = BigInt64Array.from([...text], (token) => BigInt(VOCABULARY.indexOf(token)));
    return {
      tokens: tensor(ids, [1, ids.length]),
      past_keys: past.keys,
      past_values: past.values,
    };
  }

  /**
   * Runs the model on new tokens after those in the cache.
   *
   * @throws AssertError, ModeError if the model does not take these sizes
   */
  async read(text: string, past: Cache): Promise<DecoderOutput> {
    const { logits, keys, values } = await this.runnable.run(this.inputs(text, past));
    if (!logits || !keys || !values)
      throw new Error("the model has no outputs logits, keys and values");
    return { logits: logits.data as Float32Array, cache: { keys, values } };
  }
}

/** Largest number of positions: the limit of the assert on `S+P`. */
export function maxPositions({ manifest }: BundleReading): number {
  const bounds = manifest.asserts.map((each) => /^S\s*\+\s*P\s*<(=?)\s*(\d+)$/.exec(each));
  const [bound] = bounds.filter((each) => each !== null);
  if (!bound) throw new Error("the model has no assert on S+P");
  return Number(bound[2]) - (bound[1] === "=" ? 0 : 1);
}

/** Logits after the last token. */
export const lastOf = (logits: Float32Array): Float32Array => logits.slice(-VOCABULARY.length);

/** Probabilities of logits. */
export function softmax(logits: Float32Array): number[] {
  const most = Math.max(...logits);
  const powers = Array.from(logits, (each) => Math.exp(each - most));
  const sum = powers.reduce((total, each) => total + each, 0);
  return powers.map((each) => each / sum);
}

/** The most likely token. */
export const likeliest = (logits: Float32Array): string =>
  VOCABULARY[logits.indexOf(Math.max(...logits))] ?? "";
