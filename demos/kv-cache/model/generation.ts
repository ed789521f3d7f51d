import { type Cache, type Decoder, lastOf, likeliest, softmax } from "./decoder.ts";

/** A growing line of tokens and its cache. */
export class Generation {
  readonly #decoder: Decoder;
  #text = "";
  #cache: Cache;
  #last: Float32Array | undefined;
  #lastRunTokens = 0;

  constructor(decoder: Decoder) {
    this.#decoder = decoder;
    this.#cache = decoder.emptyCache;
  }

  /** Tokens read so far. */
  get text(): string {
    return this.#text;
  }

  get cache(): Cache {
    return this.#cache;
  }

  /** Number of new tokens in the last run. */
  get lastRunTokens(): number {
    return this.#lastRunTokens;
  }

  /** The most likely next token; undefined before the first run. */
  get next(): string | undefined {
    return this.#last && likeliest(this.#last);
  }

  /** Probability of each next token; empty before the first run. */
  get probabilities(): readonly number[] {
    return this.#last ? softmax(this.#last) : [];
  }

  /**
   * Reads tokens after the cache. If the engine refuses them, the line does not change.
   *
   * @throws AssertError, ModeError
   */
  async read(text: string): Promise<void> {
    const { logits, cache } = await this.#decoder.read(text, this.#cache);
    this.#text += text;
    this.#cache = cache;
    this.#last = lastOf(logits);
    this.#lastRunTokens = text.length;
  }

  /** Runs the whole line without a cache; gives the largest difference of the logits. */
  async recompute(): Promise<number> {
    const { logits } = await this.#decoder.read(this.#text, this.#decoder.emptyCache);
    const whole = lastOf(logits);
    const last = this.#last ?? whole;
    return whole.reduce((most, value, at) => Math.max(most, Math.abs(value - (last[at] ?? 0))), 0);
  }
}
