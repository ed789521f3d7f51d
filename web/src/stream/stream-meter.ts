import { type Distribution, distribution } from "../session/figures.js";

/** How a stream is doing. */
export interface StreamFigures {
  /** Pulses run so far. */
  readonly pulses: number;
  /** Pulses that wait for the engine. */
  readonly waiting: number;
  /** Results nobody has read yet. */
  readonly unread: number;
  /** Samples of a microphone lost because the engine could not follow; the model got zeros instead. */
  readonly dropped: number;
  /** Samples of sound that were not finite and were replaced by zero. */
  readonly replaced: number;
  /** Milliseconds from handing a pulse to the worker to its answer: over the last 256, or null before the first. */
  readonly pulseMs: Distribution | null;
}

const KEPT = 256;

/** Keeps the figures of one stream. */
export class StreamMeter {
  #pulses = 0;
  #dropped = 0;
  #replaced = 0;
  readonly #pulseMs: number[] = [];

  ran(ms: number): void {
    this.#pulseMs[this.#pulses % KEPT] = ms;
    this.#pulses += 1;
  }

  count({ dropped = 0, replaced = 0 }: { readonly dropped?: number; readonly replaced?: number }) {
    this.#dropped += dropped;
    this.#replaced += replaced;
  }

  figures(waiting: number, unread: number): StreamFigures {
    return {
      pulses: this.#pulses,
      waiting,
      unread,
      dropped: this.#dropped,
      replaced: this.#replaced,
      pulseMs: distribution(this.#pulseMs),
    };
  }
}
