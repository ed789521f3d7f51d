import type { Rules } from "./options.js";

/** Receives each change. Positions are samples, before padding. */
export interface Listener {
  opened(start: number): void;
  /** The open segment ends at `end`. `long`: it exceeds the minimum length, or is exempt from it. */
  closed(end: number, long: boolean): void;
}

const NONE = -1;

/**
 * Silero's decision rules, one frame at a time: where speech starts and ends, before padding.
 *
 * These are the rules of `get_speech_timestamps` in the silero-vad package, exact to the frame, including its quirks:
 * a hard cut at the maximum skips its own frame, a cut at a silence forgets the current silence, and the minimum
 * length does not apply to parts made by a cut. NaN is an unknown frame: it changes nothing, but time passes.
 */
export class Hysteresis {
  #limits: Limits;
  #start = NONE;
  #silence = NONE;
  /** Longest silence in the open segment; the earliest of equals. */
  #longestAt = NONE;
  #longestLength = 0;
  /** Last long silence, and where speech resumed after it: the cut for "last silence". */
  #lastSilence = NONE;
  #resumed = NONE;
  readonly #frame: number;
  readonly #listener: Listener;

  constructor(sampleRate: number, frameSamples: number, rules: Rules, listener: Listener) {
    this.#frame = frameSamples;
    this.#limits = limitsOf(rules, sampleRate, frameSamples);
    this.#listener = listener;
  }

  setRules(rules: Rules, sampleRate: number): void {
    this.#limits = limitsOf(rules, sampleRate, this.#frame);
  }

  /** Start of the current silence, if there is one. */
  get silence(): number | undefined {
    return this.#silence === NONE ? undefined : this.#silence;
  }

  /** Takes the probability of the frame that begins at sample `now`. */
  push(p: number, now: number): void {
    const limits = this.#limits;
    if (p >= limits.on && this.#silence !== NONE) this.#speechReturns(now);
    if (p >= limits.on && this.#start === NONE) {
      this.#open(now);
      return;
    }
    if (this.#start !== NONE && now - this.#start > limits.longest) this.#cut(now);
    if (p < limits.off && this.#start !== NONE) this.#hearSilence(now);
  }

  /** Ends the sound at sample `length`: an open segment ends there, even inside a silence. */
  end(length: number): void {
    if (this.#start !== NONE) this.#close(length, length - this.#start > this.#limits.shortest);
  }

  /** Whether a segment from `start` to `end` is longer than the minimum. */
  isLong(start: number, end: number): boolean {
    return end - start > this.#limits.shortest;
  }

  #speechReturns(now: number): void {
    const length = now - this.#silence;
    if (length > this.#limits.cuttable && length > this.#longestLength) {
      this.#longestAt = this.#silence;
      this.#longestLength = length;
    }
    this.#silence = NONE;
    if (this.#resumed < this.#lastSilence) this.#resumed = now;
  }

  #hearSilence(now: number): void {
    const limits = this.#limits;
    if (this.#silence === NONE) this.#silence = now;
    const length = now - this.#silence;
    if (!limits.cutAtLongest && length > limits.cuttable) this.#lastSilence = this.#silence;
    if (length >= limits.closing) {
      this.#close(this.#silence, this.#silence - this.#start > limits.shortest);
    }
  }

  /** Cuts a segment that is too long, and opens the next one where a silence inside it ended. */
  #cut(now: number): void {
    if (this.#limits.cutAtLongest && this.#longestAt !== NONE) {
      const resume = this.#longestAt + this.#longestLength;
      this.#close(this.#longestAt, true);
      this.#open(resume);
    } else if (this.#lastSilence !== NONE) {
      const resume = this.#resumed >= this.#lastSilence ? this.#resumed : NONE;
      this.#close(this.#lastSilence, true);
      if (resume !== NONE) this.#open(resume);
    } else {
      this.#close(now, true);
    }
  }

  #open(start: number): void {
    this.#start = start;
    this.#listener.opened(start);
  }

  #close(end: number, long: boolean): void {
    this.#start = NONE;
    this.#silence = NONE;
    this.#longestAt = NONE;
    this.#longestLength = 0;
    this.#lastSilence = NONE;
    this.#resumed = NONE;
    this.#listener.closed(end, long);
  }
}

/** The rules in samples, not rounded: the reference compares unrounded doubles. */
interface Limits {
  readonly on: number;
  readonly off: number;
  readonly shortest: number;
  readonly longest: number;
  readonly closing: number;
  readonly cuttable: number;
  readonly cutAtLongest: boolean;
}

function limitsOf(rules: Rules, sampleRate: number, frameSamples: number): Limits {
  return {
    on: rules.threshold,
    off: rules.negThreshold ?? Math.max(rules.threshold - 0.15, 0.01),
    shortest: (sampleRate * rules.minSpeechMs) / 1000,
    // The same order of operations as the reference, which takes the maximum in seconds.
    longest:
      sampleRate * (rules.maxSpeechMs / 1000) - frameSamples - 2 * paddingOf(rules, sampleRate),
    closing: (sampleRate * rules.minSilenceMs) / 1000,
    cuttable: (sampleRate * rules.minSilenceAtMaxSpeechMs) / 1000,
    cutAtLongest: rules.useMaxPossibleSilenceAtMaxSpeech,
  };
}

/** `speechPadMs` in samples, unrounded. */
export function paddingOf(rules: Rules, sampleRate: number): number {
  return (sampleRate * rules.speechPadMs) / 1000;
}
