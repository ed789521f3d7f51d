import type { BlockResult } from "../engine/protocol.js";

/** Performance figures of a session. */
export interface Figures {
  /** Pulses run so far. */
  readonly pulses: number;
  /** Pulses queued when the last one was captured. */
  readonly waiting: number;
  /** Pulses skipped because the engine was too slow. */
  readonly dropped: number;
  /** Non-finite samples that were replaced with zero. */
  readonly replaced: number;
  /** Bytes of the engine's memory, for all sessions of its `Vad`; 0 before the first sound. */
  readonly engineBytes: number;
  /** Run time in milliseconds of the last 256 pulses, or null before the first. Browser clocks step by 0.1 to 1 ms; the mean averages that out. */
  readonly pulseMs: Distribution | null;
  /** Milliseconds from a complete pulse on the audio thread to its events, for the last 256; null without a microphone. */
  readonly latencyMs: Distribution | null;
}

export interface Distribution {
  readonly mean: number;
  readonly median: number;
  readonly p99: number;
}

/** Values of each distribution. */
const WINDOW = 256;

/** Computes a session's figures from the worker's reports. */
export class FigureRecorder {
  #pulses = 0;
  #waiting = 0;
  #dropped = 0;
  #replaced = 0;
  #engineBytes = 0;
  readonly #pulseMs: number[] = [];
  readonly #latencyMs: number[] = [];

  record({ pieces, pulseMs, waiting, replaced, engineBytes, capturedAt }: BlockResult): void {
    this.#pulses += pulseMs.length;
    for (const piece of pieces) if ("lost" in piece) this.#dropped += piece.pulses;
    this.#waiting = waiting;
    this.#replaced = replaced;
    this.#engineBytes = engineBytes;
    append(this.#pulseMs, pulseMs);
    if (capturedAt > 0 && pulseMs.length > 0)
      append(this.#latencyMs, [Math.max(0, Date.now() - capturedAt)]);
  }

  get figures(): Figures {
    return {
      pulses: this.#pulses,
      waiting: this.#waiting,
      dropped: this.#dropped,
      replaced: this.#replaced,
      engineBytes: this.#engineBytes,
      pulseMs: distribution(this.#pulseMs),
      latencyMs: distribution(this.#latencyMs),
    };
  }
}

function append(list: number[], values: Iterable<number>): void {
  list.push(...values);
  if (list.length > WINDOW) list.splice(0, list.length - WINDOW);
}

/** @internal */
export function distribution(values: readonly number[]): Distribution | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, median: at(0.5), p99: at(0.99) };
}
