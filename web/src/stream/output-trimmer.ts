import type { Tensor } from "tract-wasm";
import { copyFrames, frameLayout, type Items, itemsPerFrame, newItems } from "./frame-layout.js";
import type { OutputPort } from "./ports.js";

/** Frames of one output that equal the whole model's. */
export interface StreamResult {
  readonly name: string;
  /** Row-major. */
  readonly data: Items;
  readonly shape: readonly number[];
  readonly dtype: Tensor["dtype"];
  /** Index of the first frame, counted in this output's frames from the start of the stream. */
  readonly time: number;
  /** The same in seconds, where the bundle takes sound. */
  readonly seconds?: number;
}

/** Takes the delay and the warm-up off one output, and cuts it to its true length. */
export class OutputTrimmer {
  readonly port: OutputPort;
  /** Frames the model gave, those before the delay included. */
  #raw = 0;

  constructor(port: OutputPort) {
    this.port = port;
  }

  /** @param length of the stream in output frames, where it is known: later frames are left out */
  take({ data, dtype }: Tensor, length = Number.POSITIVE_INFINITY): StreamResult | undefined {
    const { name, axis, framesPerPulse, delay, warmUp, rate } = this.port;
    const start = this.#raw - delay;
    this.#raw += framesPerPulse;
    const time = Math.max(start, warmUp);
    const frames = Math.min(start + framesPerPulse, length) - time;
    if (frames <= 0) return undefined;
    const layout = frameLayout(dtype, this.port.shape, axis);
    const items = newItems(layout, frames * itemsPerFrame(layout));
    const from = { items: data, frames: framesPerPulse, at: time - start };
    copyFrames(layout, from, { items, frames, at: 0 }, frames);
    const shape = this.port.shape.map((size, at) => (at === axis ? frames : size));
    const seconds = rate === undefined ? {} : { seconds: time / rate };
    return { name, data: items, shape, dtype, time, ...seconds };
  }

  /** Pulses until `length` frames have come, the delay included. */
  pulsesFor(length: number): number {
    return length <= 0 ? 0 : Math.ceil((length + this.port.delay) / this.port.framesPerPulse);
  }

  reset(): void {
    this.#raw = 0;
  }
}
