import type { Captured } from "../engine/protocol.js";
import type { CaptureCommand, CaptureOptions } from "./capture-options.js";

interface AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare const AudioWorkletProcessor: new () => AudioWorkletProcessor;
declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions: CaptureOptions }) => AudioWorkletProcessor,
): void;

/**
 * Capture on the audio thread: gathers blocks of sound and sends them straight to the engine's worker.
 *
 * It runs where a missed deadline is heard, so it computes nothing and makes no garbage of its own: its buffers travel
 * to the worker and come back. There are only so many. When the worker falls behind, or is not there for long, none is
 * free, and sound is counted as lost instead of being queued without bound; the next block says how much.
 *
 * A block is sent when it completes a pulse of the model: seldom enough to cost nothing, soon enough to wait for nothing.
 */
class Capture extends AudioWorkletProcessor {
  /** Samples between the ends of two pulses, and beyond a pulse's end until it can be resampled. */
  readonly #every: number;
  readonly #first: number;
  /** Buffers that are here, of so many in all, `#early` of which are not wanted back. */
  readonly #free: Float32Array<ArrayBuffer>[] = [];
  #buffers: number;
  #early: number;
  /** Leads to the worker. */
  #out: MessagePort | undefined;
  #buffer: Float32Array<ArrayBuffer> | undefined;
  #filled = 0;
  /** Samples lost since the last block. */
  #lost = 0;
  /** Samples taken in all, lost ones included, and how many complete the pulse in hand. */
  #taken = 0;
  #pulses = 0;
  #ended = false;

  constructor({ processorOptions }: { processorOptions: CaptureOptions }) {
    super();
    const { every, first, capacity, buffers, early } = processorOptions;
    this.#every = every;
    this.#first = first;
    this.#buffers = buffers + early;
    this.#early = early;
    for (let i = 0; i < this.#buffers; i++) this.#free.push(new Float32Array(capacity));
    this.port.onmessage = ({ data }: MessageEvent<CaptureCommand>) => {
      if (data.type === "begin") this.#begin(data.port);
      else this.#end();
    };
  }

  /** Called for each quantum of sound; `false` lets the browser drop this processor. */
  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    const samples = inputs[0]?.[0];
    // Before the microphone is connected and after it is gone there is no channel.
    if (samples !== undefined && this.#out !== undefined && !this.#ended) this.#take(samples);
    return !this.#ended;
  }

  /** Sound flows from here on. Buffers the worker is done with come back by the same port. */
  #begin(port: MessagePort): void {
    this.#out = port;
    port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => this.#takeBack(data);
  }

  #takeBack(buffer: Float32Array<ArrayBuffer>): void {
    if (this.#early > 0 && this.#free.length > 0) {
      this.#early -= 1;
      this.#buffers -= 1;
    } else {
      this.#free.push(buffer);
    }
  }

  /** Copies a quantum; sends when it completes a pulse, or when another one would not fit. */
  #take(samples: Float32Array): void {
    this.#taken += samples.length;
    if (this.#buffer === undefined) this.#buffer = this.#free.pop();
    const buffer = this.#buffer;
    if (buffer === undefined) {
      this.#lost += samples.length;
    } else {
      buffer.set(samples, this.#filled);
      this.#filled += samples.length;
    }
    const complete = this.#taken >= Math.ceil(this.#first + (this.#pulses + 1) * this.#every);
    const full = buffer !== undefined && this.#filled + samples.length > buffer.length;
    if (complete) this.#pulses += 1;
    if (complete || full) this.#send();
  }

  /** Hands the buffer over, with what was lost before it. */
  #send(): void {
    const buffer = this.#buffer;
    if (buffer === undefined || this.#filled === 0) return;
    this.#buffer = undefined;
    const waiting = this.#buffers - this.#free.length - 1;
    this.#post(
      { type: "block", buffer, length: this.#filled, lost: this.#lost, waiting, at: Date.now() },
      [buffer.buffer],
    );
    this.#filled = 0;
    this.#lost = 0;
  }

  /** Sends what is held back, and says that nothing follows. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#send();
    this.#post({ type: "end", lost: this.#lost }, []);
  }

  #post(message: Captured, transfer: Transferable[]): void {
    this.#out?.postMessage(message, transfer);
  }
}

registerProcessor("nnef-pulse-capture", Capture);
