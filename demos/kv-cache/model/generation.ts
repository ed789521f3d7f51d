import { type Cache, type Decoder, lastOf, likeliest, softmax } from "./decoder.ts";

/** A line as it grows, and what the model keeps of it. */
export class Line {
  readonly #decoder: Decoder;
  #text = "";
  #cache: Cache;
  #last: Float32Array | undefined;
  #taken = 0;

  constructor(decoder: Decoder) {
    this.#decoder = decoder;
    this.#cache = decoder.empty;
  }

  /** What has been read. */
  get text(): string {
    return this.#text;
  }

  get cache(): Cache {
    return this.#cache;
  }

  /** Tokens the last run took. */
  get taken(): number {
    return this.#taken;
  }

  /** What the model would write next, once it has read something. */
  get next(): string | undefined {
    return this.#last && likeliest(this.#last);
  }

  /** How likely it holds each token to be next. */
  get odds(): readonly number[] {
    return this.#last ? softmax(this.#last) : [];
  }

  /**
   * Reads on, with what is kept. What is refused leaves the line as it is.
   *
   * @throws AssertError, ModeError
   */
  async read(text: string): Promise<void> {
    const { logits, cache } = await this.#decoder.read(text, this.#cache);
    this.#text += text;
    this.#cache = cache;
    this.#last = lastOf(logits);
    this.#taken = text.length;
  }

  /** Reads the whole line again without a cache: by how much what comes next differs. */
  async again(): Promise<number> {
    const { logits } = await this.#decoder.read(this.#text, this.#decoder.empty);
    const whole = lastOf(logits);
    const last = this.#last ?? whole;
    return whole.reduce((most, value, at) => Math.max(most, Math.abs(value - (last[at] ?? 0))), 0);
  }
}
