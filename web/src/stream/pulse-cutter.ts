import type { Tensor } from "tract-wasm";
import { invalidOption } from "../base/option-checks.js";
import {
  copyFrames,
  type FrameLayout,
  frameLayout,
  type Items,
  itemsPerFrame,
  newItems,
} from "./frame-layout.js";
import type { StreamPort } from "./ports.js";

/** Values to push: plain numbers or a typed array, row-major, or a tensor. */
export type Values = Items | readonly number[] | { readonly data: Items };

/** Values by the input's name. */
export type Frames = Readonly<Record<string, Values>>;

interface Chunk {
  readonly items: Items;
  readonly frames: number;
}

/** Gathers the frames of one input and cuts them into pulses. */
export class PulseCutter {
  readonly port: StreamPort;
  readonly #layout: FrameLayout;
  #chunks: Chunk[] = [];
  /** Frames of the first chunk that are used up. */
  #used = 0;
  #held = 0;
  #taken = 0;

  constructor(port: StreamPort) {
    this.port = port;
    this.#layout = frameLayout(port.dtype, port.shape, port.axis);
  }

  /** Items of one frame. */
  get frameItems(): number {
    return itemsPerFrame(this.#layout);
  }

  /** Frames pushed since the start of the stream. */
  get taken(): number {
    return this.#taken;
  }

  /** Pulses that are complete. An input without a streaming axis holds one value, for all pulses. */
  get pulses(): number {
    if (this.port.axis >= 0) return Math.floor(this.#held / this.port.framesPerPulse);
    return this.#held > 0 ? Number.POSITIVE_INFINITY : 0;
  }

  /** @throws OptionError for values of another dtype, or that are no whole number of frames */
  push(values: Values): void {
    const { name } = this.port;
    const items = this.#copied("data" in values ? values.data : values);
    const frames = items.length / this.frameItems;
    if (!Number.isInteger(frames)) {
      throw invalidOption(name, `${items.length} values`, `whole frames of ${this.frameItems}`);
    }
    if (frames === 0) return;
    if (this.port.axis < 0) this.#chunks = [];
    this.#chunks.push({ items, frames });
    this.#held = this.port.axis < 0 ? 1 : this.#held + frames;
    this.#taken += frames;
  }

  /** The next pulse; frames that are not there are zeros. */
  take(): Tensor {
    const { dtype, shape, axis, framesPerPulse } = this.port;
    const items = newItems(this.#layout, framesPerPulse * this.frameItems);
    if (axis < 0) items.set(this.#constant() as never);
    for (let filled = 0; axis >= 0 && filled < framesPerPulse && this.#held > 0; ) {
      const [chunk] = this.#chunks as [Chunk];
      const frames = Math.min(chunk.frames - this.#used, framesPerPulse - filled);
      const from = { items: chunk.items, frames: chunk.frames, at: this.#used };
      copyFrames(this.#layout, from, { items, frames: framesPerPulse, at: filled }, frames);
      filled += frames;
      this.#used += frames;
      this.#held -= frames;
      if (this.#used < chunk.frames) continue;
      this.#chunks.shift();
      this.#used = 0;
    }
    return { data: items, shape: [...shape], dtype } as Tensor;
  }

  /** Forgets all frames; a value for all pulses stays. */
  reset(): void {
    this.#taken = 0;
    if (this.port.axis < 0) return;
    this.#chunks = [];
    this.#used = 0;
    this.#held = 0;
  }

  #constant(): Items {
    const [chunk] = this.#chunks;
    if (chunk !== undefined) return chunk.items;
    throw invalidOption(this.port.name, undefined, "given before the frames of other inputs");
  }

  #copied(values: Items | readonly number[]): Items {
    const sample = newItems(this.#layout, 0);
    if (Object.getPrototypeOf(values) === Object.getPrototypeOf(sample)) {
      return (values as Items).slice();
    }
    const { name, dtype } = this.port;
    if (dtype === "f32" && (Array.isArray(values) || values instanceof Float64Array)) {
      return Float32Array.from(values);
    }
    throw invalidOption(name, `a ${values?.constructor?.name}`, `a ${sample.constructor.name}`);
  }
}
