import { Resampler } from "../sound/resampler.js";
import type { Piece } from "./protocol.js";

/** Runs one pulse and keeps the state for the next. */
export interface PulseRunner {
  /**
   * @param samples one pulse, finite, not kept
   * @returns the output frames, a new array
   */
  run(samples: Float32Array<ArrayBuffer>): Float32Array;
  /** Back to the start of a stream. */
  reset(): void;
}

/** What a pulsed model needs and gives. */
export interface PulseShape {
  /** In Hz. */
  readonly sampleRate: number;
  readonly pulseSamples: number;
  readonly framesPerPulse: number;
  /** Output frames before the first that stands for the sound's first frame. */
  readonly delayFrames: number;
}

/** What sound led to since it was last asked for. */
export interface Yield {
  readonly pieces: readonly Piece[];
  readonly probabilities: Float32Array<ArrayBuffer>;
  readonly pulseMs: Float32Array<ArrayBuffer>;
}

/** Float sound lies between -1 and 1. Far beyond it, squares inside a model overflow and ruin its state for ever. */
const LARGEST = 1e6;
/** Below it a sample is inaudible, and denormal products make a pulse many times slower. */
const SMALLEST = 1e-15;
/** Lost samples stood in for at a time, so that a long gap takes no memory. */
const MOST_AT_ONCE = 16384;

/**
 * One stream of sound through one pulsed model: any rate and block size in, one probability per frame out, in order,
 * the model's delay taken off.
 *
 * Sound that is lost keeps the clock true: every pulse it touches is left out, and its frames are NaN.
 */
export class PulseStream {
  /** Non-finite samples replaced by zero so far. */
  replaced = 0;
  readonly #runner: PulseRunner;
  readonly #shape: PulseShape;
  readonly #resampler: Resampler;
  readonly #pulse: Float32Array<ArrayBuffer>;
  /** Samples of the pulse in hand, and whether some of them were lost. */
  #filled = 0;
  #broken = false;
  #heardSamples: Float32Array[] = [];
  #pieces: Piece[] = [];
  #probabilities: number[] = [];
  #pulseMs: number[] = [];
  /** Frames given, lost ones included, and frames the engine has answered, those before its delay included. */
  #given = 0;
  #answered = 0;
  /** Frames lost, each span after so many of the engine's own. */
  #gaps: { readonly after: number; readonly frames: number }[] = [];
  /** Samples at the model's rate that went into pulses. */
  #length = 0;
  /** Spans of samples at the model's rate that were lost and are not yet behind. */
  #lost: { readonly from: number; readonly to: number }[] = [];

  constructor(runner: PulseRunner, shape: PulseShape, inputRate: number) {
    this.#runner = runner;
    this.#shape = shape;
    this.#resampler = new Resampler(inputRate, shape.sampleRate);
    this.#pulse = new Float32Array(shape.pulseSamples);
  }

  /** Takes the next block at the input rate. Its non-finite samples are overwritten by zeros. */
  push(block: Float32Array): void {
    for (let i = 0; i < block.length; i++) {
      // One comparison for NaN, infinities and what would become one.
      if (!(Math.abs(block[i] as number) <= LARGEST)) {
        block[i] = 0;
        this.replaced += 1;
      }
    }
    this.#fill(this.#resampler.push(block));
  }

  /** So many samples at the input rate never came. */
  skip(samples: number): void {
    const { taken, inputRate, outputRate } = this.#resampler;
    const from = Math.floor((taken * outputRate) / inputRate);
    const to = Math.ceil(((taken + samples) * outputRate) / inputRate);
    this.#lost.push({ from, to });
    for (let left = samples; left > 0; left -= MOST_AT_ONCE) {
      this.#fill(this.#resampler.push(new Float32Array(Math.min(left, MOST_AT_ONCE))));
    }
  }

  /** The sound ends here: runs what is held back, so that every frame has its answer. */
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
    while (this.#given + this.#gapFrames < frames) {
      this.#pulse.fill(0);
      this.#run(0);
    }
    this.#giveGaps(Number.POSITIVE_INFINITY);
    const extra = this.#given - frames;
    if (extra > 0) this.#probabilities.splice(this.#probabilities.length - extra, extra);
  }

  /** Everything since the last call. */
  take(): Yield {
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

  /** Sample at which the pulse in hand began. */
  get position(): number {
    return this.#length;
  }

  #fill(samples: Float32Array): void {
    const { pulseSamples } = this.#shape;
    for (let at = 0; at < samples.length; ) {
      const count = Math.min(pulseSamples - this.#filled, samples.length - at);
      for (let i = 0; i < count; i++) {
        const sample = samples[at + i] as number;
        this.#pulse[this.#filled + i] = Math.abs(sample) < SMALLEST ? 0 : sample;
      }
      this.#broken ||= this.#isLost(count);
      this.#filled += count;
      at += count;
      if (this.#filled === pulseSamples) this.#run(pulseSamples);
    }
  }

  /** Whether some of the next `count` samples were lost. */
  #isLost(count: number): boolean {
    const at = this.#length + this.#filled;
    this.#lost = this.#lost.filter(({ to }) => to > at);
    return this.#lost.some(({ from }) => from < at + count);
  }

  /** The pulse in hand is full. `heard`: how many of its samples are sound. */
  #run(heard: number): void {
    this.#filled = 0;
    this.#length += heard;
    if (this.#broken) {
      this.#broken = false;
      this.#leaveOut(heard);
      return;
    }
    if (heard > 0) this.#heardSamples.push(this.#pulse.slice(0, heard));
    const began = performance.now();
    const answer = this.#runner.run(this.#pulse);
    this.#pulseMs.push(performance.now() - began);
    for (const p of answer) {
      if (this.#answered >= this.#shape.delayFrames) {
        this.#giveGaps(this.#answered - this.#shape.delayFrames);
        this.#give(p);
      }
      this.#answered += 1;
    }
  }

  #leaveOut(samples: number): void {
    const { framesPerPulse, delayFrames } = this.#shape;
    this.#closePiece();
    const last = this.#pieces.at(-1);
    const before = last !== undefined && "lost" in last ? last : { lost: 0, pulses: 0 };
    if (before === last) this.#pieces.pop();
    this.#pieces.push({ lost: before.lost + samples, pulses: before.pulses + 1 });
    this.#gaps.push({ after: this.#answered, frames: framesPerPulse });
    this.#giveGaps(this.#answered - delayFrames);
  }

  get #gapFrames(): number {
    return this.#gaps.reduce((sum, gap) => sum + gap.frames, 0);
  }

  /** Gives NaN for each lost frame that comes before the engine's frame `next`. */
  #giveGaps(next: number): void {
    for (let gap = this.#gaps[0]; gap !== undefined && gap.after <= next; gap = this.#gaps[0]) {
      this.#gaps.shift();
      for (let i = 0; i < gap.frames; i++) this.#give(Number.NaN);
    }
  }

  #give(p: number): void {
    this.#probabilities.push(p);
    this.#given += 1;
  }

  #closePiece(): void {
    if (this.#heardSamples.length === 0) return;
    const total = this.#heardSamples.reduce((sum, part) => sum + part.length, 0);
    const samples = new Float32Array(total);
    let at = 0;
    for (const part of this.#heardSamples) {
      samples.set(part, at);
      at += part.length;
    }
    this.#heardSamples = [];
    this.#pieces.push({ samples });
  }
}
