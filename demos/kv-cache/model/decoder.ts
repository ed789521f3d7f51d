import type { BundleReading } from "nnef-pulse/reading";
import { type Tensor, tensor } from "tract-wasm";
import type { RemoteRunnable } from "tract-wasm/worker";
import type { Lesson } from "../../kit/page/lesson.ts";

/** What the model reads and writes, in the order of its table: the recipe's `VOCABULARY`. */
export const VOCABULARY = "0123456789+=;";

/** What the model keeps of what it has read: (layers, heads, positions, width), f32. */
export interface Cache {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** One run: what it makes of each token it was given, and the cache with them in it. */
export interface Read {
  /** (tokens, vocabulary), f32. */
  readonly logits: Float32Array;
  readonly cache: Cache;
}

/** The language model, prepared once for all figures. */
export class Decoder {
  static readonly #known = new WeakMap<Lesson, Promise<Decoder>>();
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly runnable: RemoteRunnable;

  private constructor(runnable: RemoteRunnable) {
    this.runnable = runnable;
    const past = runnable.inputs.find(({ name }) => name === "past_keys");
    const [layers, heads, , width] = (past?.shape ?? []).map(Number);
    if (!layers || !heads || !width) throw new Error("this model takes no past keys");
    this.layers = layers;
    this.heads = heads;
    this.width = width;
  }

  /** @throws TractError, BundleError */
  static of(lesson: Lesson): Promise<Decoder> {
    const decoder =
      Decoder.#known.get(lesson) ??
      lesson.engine().then(async ({ whole }) => new Decoder(await whole.prepare()));
    Decoder.#known.set(lesson, decoder);
    decoder.catch(() => Decoder.#known.delete(lesson));
    return decoder;
  }

  /** A cache with nothing along its positions. */
  get empty(): Cache {
    return this.blank(0);
  }

  /** A cache of zeros, for what depends on its size alone. */
  blank(positions: number): Cache {
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

  /** Inputs by the model's names. */
  inputs(text: string, past: Cache): Record<string, Tensor> {
    const ids = BigInt64Array.from([...text], (token) => BigInt(VOCABULARY.indexOf(token)));
    return {
      tokens: tensor(ids, [1, ids.length]),
      past_keys: past.keys,
      past_values: past.values,
    };
  }

  /**
   * Reads tokens after what is in the cache.
   *
   * @throws AssertError, ModeError where the model does not take that many, or after that many
   */
  async read(text: string, past: Cache): Promise<Read> {
    const { logits, keys, values } = await this.runnable.run(this.inputs(text, past));
    if (!logits || !keys || !values) throw new Error("this model gives no keys and values");
    return { logits: logits.data as Float32Array, cache: { keys, values } };
  }
}

/** Positions a line may have: the bound of the assert on `S+P`. */
export function longest({ manifest }: BundleReading): number {
  const bounds = manifest.asserts.map((each) => /^S\s*\+\s*P\s*<(=?)\s*(\d+)$/.exec(each));
  const [found] = bounds.filter((each) => each !== null);
  if (!found) throw new Error("this model has no assert on S+P");
  return Number(found[2]) - (found[1] === "=" ? 0 : 1);
}

/** The last token's row of logits. */
export const lastOf = (logits: Float32Array): Float32Array => logits.slice(-VOCABULARY.length);

/** Logits as probabilities. */
export function softmax(logits: Float32Array): number[] {
  const most = Math.max(...logits);
  const powers = Array.from(logits, (each) => Math.exp(each - most));
  const sum = powers.reduce((total, each) => total + each, 0);
  return powers.map((each) => each / sum);
}

/** The token the model holds most likely. */
export const likeliest = (logits: Float32Array): string =>
  VOCABULARY[logits.indexOf(Math.max(...logits))] ?? "";
