import type { CaptureMessage } from "../engine/protocol.js";
import { PlaybackQueue } from "../sound/playback-queue.js";
import type { CaptureCommand, WorkletOptions } from "./worklet-options.js";

interface AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare const AudioWorkletProcessor: new () => AudioWorkletProcessor;
declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions: WorkletOptions }) => AudioWorkletProcessor,
): void;

/**
 * Captures on the audio thread: collects blocks of sound and sends them directly to the engine's worker.
 *
 * A missed deadline here is audible, so this code computes nothing and allocates nothing per block: a fixed set of
 * buffers travels to the worker and back. When the worker falls behind no buffer is free; sound is then counted as
 * lost, and the next block reports how much, so that no queue grows without bound.
 *
 * A block is sent as soon as it completes a pulse of the model.
 */
class Capture extends AudioWorkletProcessor {
  /** Samples between the ends of two pulses, and samples past a pulse's end that the resampler needs. */
  readonly #pulseInterval: number;
  readonly #lookAhead: number;
  /** Buffers not in flight; `#buffers` counts all, of which `#earlyBuffers` are dropped on return. */
  readonly #free: Float32Array<ArrayBuffer>[] = [];
  #buffers: number;
  #earlyBuffers: number;
  /** Port to the worker. */
  #out: MessagePort | undefined;
  #buffer: Float32Array<ArrayBuffer> | undefined;
  #filled = 0;
  /** Samples lost since the last block. */
  #lost = 0;
  /** Samples seen, lost ones included, and completed pulses. */
  #seen = 0;
  #pulses = 0;
  #ended = false;
  readonly #playback: PlaybackQueue;

  constructor({ processorOptions }: { processorOptions: WorkletOptions }) {
    super();
    const { pulseInterval, lookAhead, capacity, buffers, earlyBuffers } = processorOptions;
    this.#playback = new PlaybackQueue(processorOptions.playbackLead ?? 0);
    this.#pulseInterval = pulseInterval;
    this.#lookAhead = lookAhead;
    this.#buffers = buffers + earlyBuffers;
    this.#earlyBuffers = earlyBuffers;
    for (let i = 0; i < this.#buffers; i++) this.#free.push(new Float32Array(capacity));
    this.port.onmessage = ({ data }: MessageEvent<CaptureCommand>) => {
      if (data.type === "begin") this.#begin(data.port);
      else if (data.type === "play") this.#playback.push(data.samples);
      else this.#end();
    };
  }

  /** Called for each render quantum; returning `false` lets the browser drop this processor. */
  process(inputs: Float32Array[][], outputs: Float32Array[][] = []): boolean {
    if (outputs[0]?.[0]) this.#playback.play(outputs[0][0]);
    const samples = inputs[0]?.[0];
    // There is no channel before the microphone is connected and after it is gone.
    if (samples !== undefined && this.#out !== undefined && !this.#ended) this.#copy(samples);
    return !this.#ended;
  }

  /** Starts sending. The worker returns its buffers through the same port. */
  #begin(port: MessagePort): void {
    this.#out = port;
    port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) =>
      this.#returnBuffer(data);
  }

  #returnBuffer(buffer: Float32Array<ArrayBuffer>): void {
    if (this.#earlyBuffers > 0 && this.#free.length > 0) {
      this.#earlyBuffers -= 1;
      this.#buffers -= 1;
    } else {
      this.#free.push(buffer);
    }
  }

  /** Copies a quantum; sends the buffer when it completes a pulse or has no room for another quantum. */
  #copy(samples: Float32Array): void {
    this.#seen += samples.length;
    if (this.#buffer === undefined) this.#buffer = this.#free.pop();
    const buffer = this.#buffer;
    if (buffer === undefined) {
      this.#lost += samples.length;
    } else {
      buffer.set(samples, this.#filled);
      this.#filled += samples.length;
    }
    const complete =
      this.#seen >= Math.ceil(this.#lookAhead + (this.#pulses + 1) * this.#pulseInterval);
    const full = buffer !== undefined && this.#filled + samples.length > buffer.length;
    if (complete) this.#pulses += 1;
    if (complete || full) this.#send();
  }

  /** Transfers the buffer, with the count of samples lost before it. */
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

  /** Sends the partial block and the end message. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#send();
    this.#post({ type: "end", lost: this.#lost }, []);
  }

  #post(message: CaptureMessage, transfer: Transferable[]): void {
    this.#out?.postMessage(message, transfer);
  }
}

registerProcessor("nnef-pulse-capture", Capture);
