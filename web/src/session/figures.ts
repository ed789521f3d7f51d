import type { Heard } from "../engine/protocol.js";

/** How the engine is doing. */
export interface Figures {
  /** Pulses run so far. */
  readonly pulses: number;
  /** Pulses captured and not yet run, when the last one was captured. */
  readonly waiting: number;
  /** Pulses left out because the engine could not follow. */
  readonly dropped: number;
  /** Samples that were not finite and were replaced by zero. */
  readonly replaced: number;
  /** Bytes of memory the engine holds, for all sessions of its `Vad`; 0 before the first sound. */
  readonly engineBytes: number;
  /** Milliseconds a pulse takes: over the last 256, or null before the first. A browser's clock has steps of 0.1 to 1 ms, which the mean evens out. */
  readonly pulseMs: Distribution | null;
  /** Milliseconds from the audio thread's completing a pulse to its events; over the last 256, or null without a microphone. */
  readonly latencyMs: Distribution | null;
}

export interface Distribution {
  readonly mean: number;
  readonly median: number;
  readonly p99: number;
}

const KEPT = 256;

/** Keeps the figures of a session from the worker's messages. */
export class FigureKeeper {
  #pulses = 0;
  #waiting = 0;
  #dropped = 0;
  #replaced = 0;
  #engineBytes = 0;
  readonly #pulseMs: number[] = [];
  readonly #latencyMs: number[] = [];

  take({ pieces, pulseMs, waiting, replaced, engineBytes, capturedAt }: Heard): void {
    this.#pulses += pulseMs.length;
    for (const piece of pieces) if ("lost" in piece) this.#dropped += piece.pulses;
    this.#waiting = waiting;
    this.#replaced = replaced;
    this.#engineBytes = engineBytes;
    keep(this.#pulseMs, pulseMs);
    if (capturedAt > 0 && pulseMs.length > 0)
      keep(this.#latencyMs, [Math.max(0, Date.now() - capturedAt)]);
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

function keep(list: number[], values: Iterable<number>): void {
  list.push(...values);
  if (list.length > KEPT) list.splice(0, list.length - KEPT);
}

function distribution(values: readonly number[]): Distribution | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, median: at(0.5), p99: at(0.99) };
}
