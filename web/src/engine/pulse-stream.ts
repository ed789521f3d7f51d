import { Resampler } from "../sound/resampler.js";
import type { Piece } from "./protocol.js";

/** A model's stream: runs one pulse at a time and keeps its state. */
export interface PulseRunner {
  /**
   * @param samples one pulse of finite samples; the array is not kept
   * @returns the output frames, in a new array
   */
  run(samples: Float32Array<ArrayBuffer>): Float32Array;
  /** Resets the state to that of a new stream. */
  reset(): void;
}

/** Sizes and rates of a pulsed model. */
export interface PulseShape {
  /** In Hz. */
  readonly sampleRate: number;
  readonly pulseSamples: number;
  readonly framesPerPulse: number;
  /** Output frames before the one that belongs to the first input frame. */
  readonly delayFrames: number;
}

/** Results since the last call of `take`. */
export interface StreamResults {
  readonly pieces: readonly Piece[];
  readonly probabilities: Float32Array<ArrayBuffer>;
  readonly pulseMs: Float32Array<ArrayBuffer>;
}

/** Samples are nominally -1 to 1. Squares of much larger ones overflow inside a model and corrupt its state for good. */
const MAX_MAGNITUDE = 1e6;
/** Smaller samples are inaudible, and their denormal products make a pulse many times slower. */
const MIN_MAGNITUDE = 1e-15;
/** Zeros pushed at a time in place of lost samples, so that a long gap takes little memory. */
const GAP_CHUNK = 16384;

/**
 * Runs one stream of sound through a pulsed model. Blocks come in at any rate and size; one probability per frame
 * comes out, in order, with the model's delay removed.
 *
 * Lost samples still advance the clock: every pulse that contains some is skipped, and its frames are NaN.
 */
export class PulseStream {
  /** Non-finite samples replaced by zero so far. */
  replaced = 0;
  readonly #runner: PulseRunner;
  readonly #shape: PulseShape;
  readonly #resampler: Resampler;
  readonly #pulse: Float32Array<ArrayBuffer>;
  /** Samples in the current pulse, and whether some of them were lost. */
  #filled = 0;
  #hasLostSamples = false;
  #runSamples: Float32Array[] = [];
  #pieces: Piece[] = [];
  #probabilities: number[] = [];
  #pulseMs: number[] = [];
  /** Frames output, lost ones included; and frames the engine has returned, those of its delay included. */
  #framesOut = 0;
  #framesRun = 0;
  /** Gaps of lost frames, each placed after a count of frames the engine has returned. */
  #gaps: { readonly after: number; readonly frames: number }[] = [];
  /** Samples, at the model's rate, in pulses so far. */
  #length = 0;
  /** Spans of lost samples, at the model's rate, that end after the current position. */
  #lostSpans: { readonly from: number; readonly to: number }[] = [];

  constructor(runner: PulseRunner, shape: PulseShape, inputRate: number) {
    this.#runner = runner;
    this.#shape = shape;
    this.#resampler = new Resampler(inputRate, shape.sampleRate);
    this.#pulse = new Float32Array(shape.pulseSamples);
  }

  /** Takes the next block at the input rate. Overwrites its non-finite samples with zeros. */
  push(block: Float32Array): void {
    for (let i = 0; i < block.length; i++) {
      // One comparison catches NaN, infinities and values that would overflow.
      if (!(Math.abs(block[i] as number) <= MAX_MAGNITUDE)) {
        block[i] = 0;
        this.replaced += 1;
      }
    }
    this.#fill(this.#resampler.push(block));
  }

  /** Accounts for lost samples, counted at the input rate. */
  skip(samples: number): void {
    const { taken, inputRate, outputRate } = this.#resampler;
    const from = Math.floor((taken * outputRate) / inputRate);
    const to = Math.ceil(((taken + samples) * outputRate) / inputRate);
    this.#lostSpans.push({ from, to });
    for (let left = samples; left > 0; left -= GAP_CHUNK) {
      this.#fill(this.#resampler.push(new Float32Array(Math.min(left, GAP_CHUNK))));
    }
  }

  /** Ends the stream: runs the partial pulse and the delay, so that every frame has its probability. */
  finish(): void {
    this.#fill(this.#resampler.flush());
    const length = this.#length + this.#filled;
    const frameSamples = this.#shape.pulseSamples / this.#shape.framesPerPulse;
    const frames = Math.ceil(length / frameSamples);
    if (this.#filled > 0) {
      const filled = this.#filled;
      this.#pulse.fill(0, filled);
      this.#run(filled);
    }
    while (this.#framesOut + this.#gapFrames < frames) {
      this.#pulse.fill(0);
      this.#run(0);
    }
    this.#outputGaps(Number.POSITIVE_INFINITY);
    const extra = this.#framesOut - frames;
    if (extra > 0) this.#probabilities.splice(this.#probabilities.length - extra, extra);
  }

  /** Returns and clears the results since the last call. */
  take(): StreamResults {
    this.#closePiece();
    const taken = {
      pieces: this.#pieces,
      probabilities: Float32Array.from(this.#probabilities),
      pulseMs: Float32Array.from(this.#pulseMs),
    };
    this.#pieces = [];
    this.#probabilities = [];
    this.#pulseMs = [];
    return taken;
  }

  /** First sample of the current pulse. */
  get position(): number {
    return this.#length;
  }

  #fill(samples: Float32Array): void {
    const { pulseSamples } = this.#shape;
    for (let at = 0; at < samples.length; ) {
      const count = Math.min(pulseSamples - this.#filled, samples.length - at);
      for (let i = 0; i < count; i++) {
        const sample = samples[at + i] as number;
        this.#pulse[this.#filled + i] = Math.abs(sample) < MIN_MAGNITUDE ? 0 : sample;
      }
      this.#hasLostSamples ||= this.#isLost(count);
      this.#filled += count;
      at += count;
      if (this.#filled === pulseSamples) this.#run(pulseSamples);
    }
  }

  /** Whether some of the next `count` samples were lost. */
  #isLost(count: number): boolean {
    const at = this.#length + this.#filled;
    this.#lostSpans = this.#lostSpans.filter(({ to }) => to > at);
    return this.#lostSpans.some(({ from }) => from < at + count);
  }

  /** Runs the current pulse, of which `validSamples` are sound and the rest padding. */
  #run(validSamples: number): void {
    this.#filled = 0;
    this.#length += validSamples;
    if (this.#hasLostSamples) {
      this.#hasLostSamples = false;
      this.#skipPulse(validSamples);
      return;
    }
    if (validSamples > 0) this.#runSamples.push(this.#pulse.slice(0, validSamples));
    const startedAt = performance.now();
    const frames = this.#runner.run(this.#pulse);
    this.#pulseMs.push(performance.now() - startedAt);
    for (const p of frames) {
      if (this.#framesRun >= this.#shape.delayFrames) {
        this.#outputGaps(this.#framesRun - this.#shape.delayFrames);
        this.#output(p);
      }
      this.#framesRun += 1;
    }
  }

  #skipPulse(samples: number): void {
    const { framesPerPulse, delayFrames } = this.#shape;
    this.#closePiece();
    const last = this.#pieces.at(-1);
    const before = last !== undefined && "lost" in last ? last : { lost: 0, pulses: 0 };
    if (before === last) this.#pieces.pop();
    this.#pieces.push({ lost: before.lost + samples, pulses: before.pulses + 1 });
    this.#gaps.push({ after: this.#framesRun, frames: framesPerPulse });
    this.#outputGaps(this.#framesRun - delayFrames);
  }

  get #gapFrames(): number {
    return this.#gaps.reduce((sum, gap) => sum + gap.frames, 0);
  }

  /** Outputs NaN for each lost frame that comes before the engine's frame `next`. */
  #outputGaps(next: number): void {
    for (let gap = this.#gaps[0]; gap !== undefined && gap.after <= next; gap = this.#gaps[0]) {
      this.#gaps.shift();
      for (let i = 0; i < gap.frames; i++) this.#output(Number.NaN);
    }
  }

  #output(p: number): void {
    this.#probabilities.push(p);
    this.#framesOut += 1;
  }

  #closePiece(): void {
    if (this.#runSamples.length === 0) return;
    const total = this.#runSamples.reduce((sum, part) => sum + part.length, 0);
    const samples = new Float32Array(total);
    let at = 0;
    for (const part of this.#runSamples) {
      samples.set(part, at);
      at += part.length;
    }
    this.#runSamples = [];
    this.#pieces.push({ samples });
  }
}
