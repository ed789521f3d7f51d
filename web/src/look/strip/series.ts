/** A typed array that grows: what a stream leaves behind, one number at a time. */
export class Series<Numbers extends Float32Array | Int8Array> {
  #room: Numbers;
  #length = 0;
  readonly #make: new (
    length: number,
  ) => Numbers;

  constructor(make: new (length: number) => Numbers) {
    this.#make = make;
    this.#room = new make(256);
  }

  get length(): number {
    return this.#length;
  }

  /** The value at `index`, 0 outside of what was pushed. */
  at(index: number): number {
    return this.#room[index] ?? 0;
  }

  push(value: number) {
    this.set(this.#length, value);
  }

  /** Writes at `index`, filling what was skipped with 0. */
  set(index: number, value: number) {
    if (index >= this.#room.length) {
      const wider = new this.#make(Math.max(index + 1, this.#room.length * 2));
      wider.set(this.#room);
      this.#room = wider;
    }
    this.#room[index] = value;
    this.#length = Math.max(this.#length, index + 1);
  }

  toArray(): Numbers {
    return this.#room.slice(0, this.#length) as Numbers;
  }
}
