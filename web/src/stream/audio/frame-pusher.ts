import type { CaptureMessage } from "../../engine/protocol.js";
import { Resampler } from "../../sound/resampler.js";

/** What a feed needs of its stream. */
export interface AudioSink {
  /** In Hz. */
  readonly sampleRate: number;
  readonly pulseSamples: number;
  /** Samples of one frame of the input. */
  readonly frameSamples: number;
  readonly workletUrl: URL;
  /** Aborted when the stream closes. */
  readonly closing: AbortSignal;
  push(samples: Float32Array): Promise<void>;
  count(change: { readonly dropped?: number; readonly replaced?: number }): void;
  /** Ends the signal. */
  flush(): Promise<void>;
  fail(error: unknown): void;
}

/** Beyond it, squares inside a model overflow. */
const LARGEST = 1e6;
/** Below it a sample is inaudible, and denormal products make a pulse many times slower. */
const SMALLEST = 1e-15;

/** Resamples blocks of sound and pushes them as whole frames. */
export class FramePusher {
  readonly #sink: AudioSink;
  readonly #resampler: Resampler;
  #rest = new Float32Array(0);

  constructor(sink: AudioSink, inputRate: number) {
    this.#sink = sink;
    this.#resampler = new Resampler(inputRate, sink.sampleRate);
  }

  push(block: Float32Array): Promise<void> {
    return this.#frames(this.#resampler.push(this.#cleaned(block)));
  }

  /** The sound ends: pushes what the resampler holds back, the last frame filled up with zeros. */
  async end(): Promise<void> {
    await this.#frames(this.#resampler.flush());
    if (this.#rest.length === 0) return;
    const last = new Float32Array(this.#sink.frameSamples);
    last.set(this.#rest);
    this.#rest = new Float32Array(0);
    await this.#sink.push(last);
  }

  async #frames(samples: Float32Array): Promise<void> {
    const all = new Float32Array(this.#rest.length + samples.length);
    all.set(this.#rest);
    all.set(samples, this.#rest.length);
    const whole = all.length - (all.length % this.#sink.frameSamples);
    this.#rest = all.slice(whole);
    if (whole > 0) await this.#sink.push(all.subarray(0, whole));
  }

  #cleaned(block: Float32Array): Float32Array {
    let replaced = 0;
    const clean = block.map((sample) => {
      const size = Math.abs(sample);
      // One comparison for NaN, infinities and what would become one.
      if (!(size <= LARGEST)) replaced += 1;
      return size <= LARGEST && size >= SMALLEST ? sample : 0;
    });
    if (replaced > 0) this.#sink.count({ replaced });
    return clean;
  }
}

/** Pushes what the audio thread sends through `port`, in order. Resolves when it has sent its last block and the stream is flushed. */
export function pushBlocks(port: MessagePort, pusher: FramePusher, sink: AudioSink): Promise<void> {
  return new Promise((resolve, reject) => {
    const take = async (message: CaptureMessage) => {
      if (message.lost > 0) {
        sink.count({ dropped: message.lost });
        // Zeros keep the clock true.
        await pusher.push(new Float32Array(message.lost));
      }
      if (message.type === "end") {
        await pusher.end();
        await sink.flush();
        return resolve();
      }
      await pusher.push(message.buffer.slice(0, message.length));
      // Without free buffers the audio thread drops sound: a model that is too slow queues none.
      port.postMessage(message.buffer, [message.buffer.buffer]);
    };
    let last = Promise.resolve();
    port.onmessage = ({ data }: MessageEvent<CaptureMessage>) => {
      last = last.then(() => take(data)).catch(reject);
    };
  });
}
