import type { Tensors } from "tract-wasm";
import type { Feed } from "./feed.js";

/** What a stream of sound must tell: each block as the model hears it. `Session` of this package does. */
export interface SoundSource extends EventTarget {
  /** In Hz. */
  readonly sampleRate: number;
}

/** Pulses that may wait; older ones are left out, as who watches wants to see now. */
const WAITING = 64;

/** A running stream, pulse by pulse as it comes. */
export class LiveFeed implements Feed {
  readonly name = "what is heard now";
  readonly pulses = undefined;
  readonly #input: string;
  readonly #shape: readonly number[];
  readonly #source: SoundSource;
  readonly #ready: Float32Array[] = [];
  #part: Float32Array;
  #filled = 0;
  #wanted: ((samples: Float32Array | undefined) => void) | undefined;
  #closed = false;

  constructor(source: SoundSource, input: string, shape: readonly number[]) {
    this.#source = source;
    this.#input = input;
    this.#shape = shape;
    this.#part = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
    source.addEventListener("block", this.#hear);
    source.addEventListener("end", this.#end);
  }

  async pulse(): Promise<Tensors | undefined> {
    const data = this.#ready.shift() ?? (await this.#next());
    return data && { [this.#input]: { data, shape: this.#shape, dtype: "f32" } };
  }

  close() {
    this.#closed = true;
    this.#source.removeEventListener("block", this.#hear);
    this.#source.removeEventListener("end", this.#end);
    this.#wanted?.(undefined);
  }

  #next(): Promise<Float32Array | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    this.#wanted?.(undefined);
    return new Promise((resolve) => {
      this.#wanted = resolve;
    });
  }

  readonly #end = () => this.close();

  readonly #hear = (event: Event) => {
    const { samples } = (event as CustomEvent<{ samples: Float32Array }>).detail;
    for (let at = 0; at < samples.length; ) {
      const count = Math.min(samples.length - at, this.#part.length - this.#filled);
      this.#part.set(samples.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled === this.#part.length) this.#give();
    }
  };

  #give() {
    const full = this.#part;
    this.#part = new Float32Array(full.length);
    this.#filled = 0;
    if (this.#wanted) {
      const wanted = this.#wanted;
      this.#wanted = undefined;
      wanted(full);
      return;
    }
    this.#ready.push(full);
    if (this.#ready.length > WAITING) this.#ready.shift();
  }
}
