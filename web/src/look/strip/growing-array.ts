/** A typed array that grows by one number at a time. */
export class GrowingArray<Numbers extends Float32Array | Int8Array> {
  #buffer: Numbers;
  #length = 0;
  readonly #make: new (
    length: number,
  ) => Numbers;

  constructor(make: new (length: number) => Numbers) {
    this.#make = make;
    this.#buffer = new make(256);
  }

  get length(): number {
    return this.#length;
  }

  /** The value at `index`; 0 where nothing was written. */
  at(index: number): number {
    return this.#buffer[index] ?? 0;
  }

  push(value: number) {
    this.set(this.#length, value);
  }

  /** Writes at `index`; skipped indices read as 0. */
  set(index: number, value: number) {
    if (index >= this.#buffer.length) {
      const wider = new this.#make(Math.max(index + 1, this.#buffer.length * 2));
      wider.set(this.#buffer);
      this.#buffer = wider;
    }
    this.#buffer[index] = value;
    this.#length = Math.max(this.#length, index + 1);
  }

  toArray(): Numbers {
    return this.#buffer.slice(0, this.#length) as Numbers;
  }
}
