import { invalidOption, wholeNumber } from "../base/option-checks.js";
import { Hysteresis, paddingOf } from "./hysteresis.js";
import {
  defaultFrameSamples,
  defaultRules,
  type Rules,
  type SegmenterOptions,
  type TrackOptions,
  withRules,
} from "./options.js";

/** A span of speech in samples, padding included. */
export interface Segment {
  readonly start: number;
  /** One past the last sample. */
  readonly end: number;
}

/** Results of a frame. Positions are samples, padding included. */
export type SegmentEvent =
  /** A segment started. Its start is final, but it may be too short. */
  | { readonly type: "speechstart"; readonly id: number; readonly start: number }
  /** It is long enough: a `speechend` follows. */
  | { readonly type: "speechconfirmed"; readonly id: number; readonly start: number }
  /** It was too short. */
  | { readonly type: "misfire"; readonly id: number; readonly start: number }
  /** It has ended, and its end is final. */
  | {
      readonly type: "speechend";
      readonly id: number;
      readonly start: number;
      readonly end: number;
    };

/** The open segment. `end` is its end if no more frames came. */
export interface OpenSegment extends Segment {
  readonly id: number;
  readonly confirmed: boolean;
}

interface Opened {
  readonly id: number;
  /** Start without padding; `start` includes it. */
  readonly from: number;
  readonly start: number;
  confirmed: boolean;
}

interface Settling {
  readonly id: number;
  readonly start: number;
  /** Without padding. */
  readonly to: number;
}

const nothing: readonly SegmentEvent[] = Object.freeze([]);

export interface SegmenterConfig extends SegmenterOptions, TrackOptions {
  /** Samples of the sound, if known in advance. Default: given to `end`. */
  length?: number;
}

/**
 * Turns a stream of probabilities into segments of speech by silero's rules, with each event as early as possible.
 * The `speechend` events equal the result of `speechSegments` for the whole sequence.
 *
 * The end of a segment may have to wait: padding extends at most to the middle of the gap to the next segment, and
 * that one counts only once it is long enough.
 */
export class Segmenter {
  readonly sampleRate: number;
  readonly frameSamples: number;
  #rules: Rules;
  #padding: number;
  readonly #core: Hysteresis;
  #length: number | undefined;
  #frames = 0;
  #ended = false;
  #ids = 0;
  #open: Opened | undefined;
  #settling: Settling | undefined;
  /** Unpadded end of the last confirmed segment. */
  #lastEnd: number | undefined;
  #events: SegmentEvent[] = [];

  /** @throws OptionError */
  constructor(config: SegmenterConfig) {
    const { sampleRate, frameSamples, length, ...rules } = config;
    this.sampleRate = wholeNumber("sampleRate", sampleRate, 1);
    this.frameSamples = wholeNumber(
      "frameSamples",
      frameSamples ?? defaultFrameSamples(sampleRate),
      1,
    );
    this.#length = length === undefined ? undefined : wholeNumber("length", length, 0);
    this.#rules = withRules(defaultRules, rules);
    this.#padding = paddingOf(this.#rules, this.sampleRate);
    this.#core = new Hysteresis(this.sampleRate, this.frameSamples, this.#rules, {
      opened: (start) => this.#opened(start),
      closed: (end, long) => this.#closed(end, long),
    });
  }

  /** The current rules. */
  get rules(): Rules {
    return this.#rules;
  }

  /** Samples so far, counting the last frame as complete. */
  get position(): number {
    return this.#frames * this.frameSamples;
  }

  /** The open segment, if there is one. */
  get open(): OpenSegment | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    const end = this.#core.silence ?? this.position;
    return { id: open.id, start: open.start, end, confirmed: open.confirmed };
  }

  /** The earliest sample that a later segment can include: earlier sound is not needed. */
  get earliest(): number {
    const next = Math.floor(this.position - this.#padding);
    return Math.max(0, Math.min(this.#settling?.start ?? next, this.#open?.start ?? next, next));
  }

  /**
   * Changes rules from the next frame on. What was announced stays announced.
   * @throws OptionError, leaving the rules as they were
   */
  setOptions(changes: SegmenterOptions): void {
    this.#rules = withRules(this.#rules, { ...changes });
    this.#padding = paddingOf(this.#rules, this.sampleRate);
    this.#core.setRules(this.#rules, this.sampleRate);
  }

  /** Takes the probability of the next frame (NaN if unknown) and returns the events it causes. */
  push(probability: number): readonly SegmentEvent[] {
    if (this.#ended)
      throw new TypeError("This segmenter has ended. Create a new one for another stream.");
    const now = this.position;
    this.#frames += 1;
    this.#core.push(probability, now);
    this.#confirm();
    this.#settle();
    return this.#take();
  }

  /**
   * No more frames come.
   * @param length samples of sound in all; default: all frames were whole. The last frame may be cut short, so it
   *   lies above the start of the last frame and at most at its end
   * @throws OptionError for a length that contradicts the frames pushed
   */
  end(length?: number): readonly SegmentEvent[] {
    if (this.#ended) return nothing;
    if (length !== undefined && length !== this.#length) this.#checkLength(length);
    this.#length = length ?? this.#length ?? this.position;
    this.#ended = true;
    this.#core.end(this.#length);
    this.#settle();
    return this.#take();
  }

  #checkLength(length: number): void {
    const least = this.#frames === 0 ? 0 : this.position - this.frameSamples + 1;
    if (!Number.isInteger(length) || length < least || length > this.position) {
      throw invalidOption(
        "length",
        length,
        `a whole number from ${least} to ${this.position}, by the frames pushed`,
      );
    }
  }

  #opened(from: number): void {
    const gap = from - (this.#lastEnd ?? Number.NEGATIVE_INFINITY);
    const lead = gap < 2 * this.#padding ? Math.floor(gap / 2) : this.#padding;
    const start = Math.floor(Math.max(0, from - lead));
    this.#open = { id: this.#ids++, from, start, confirmed: false };
    this.#events.push({ type: "speechstart", id: this.#open.id, start });
  }

  #closed(to: number, long: boolean): void {
    const open = this.#open;
    if (open === undefined) return;
    if (long || open.confirmed) {
      this.#announce(open);
      this.#settling = { id: open.id, start: open.start, to };
      this.#lastEnd = to;
    } else {
      this.#events.push({ type: "misfire", id: open.id, start: open.start });
    }
    this.#open = undefined;
  }

  /** Announces the open segment once no future can make it too short. */
  #confirm(): void {
    const open = this.#open;
    if (open === undefined || open.confirmed) return;
    const end = Math.min(
      this.#core.silence ?? this.#certain,
      this.#length ?? Number.POSITIVE_INFINITY,
    );
    if (this.#core.isLong(open.from, end)) this.#announce(open);
  }

  #announce(open: Opened): void {
    if (open.confirmed) return;
    open.confirmed = true;
    this.#events.push({ type: "speechconfirmed", id: open.id, start: open.start });
    this.#settleAgainst(open.from);
  }

  /** Ends the segment before, now that the next one is known to count. */
  #settleAgainst(next: number): void {
    const settling = this.#settling;
    if (settling === undefined) return;
    const gap = next - settling.to;
    if (gap < 2 * this.#padding) this.#finish(settling, settling.to + Math.floor(gap / 2));
    else this.#finish(settling, this.#padded(settling.to));
  }

  /** Ends the segment before, if no next one can come near enough to share its padding. */
  #settle(): void {
    const settling = this.#settling;
    if (settling === undefined) return;
    const end = this.#padded(settling.to);
    if (this.#ended) {
      this.#finish(settling, end);
      return;
    }
    const next = this.#open?.from ?? this.position;
    const clear = next - settling.to >= 2 * this.#padding;
    if (clear && (this.#length !== undefined || end <= this.#certain)) this.#finish(settling, end);
  }

  #finish(settling: Settling, end: number): void {
    this.#settling = undefined;
    this.#events.push({ type: "speechend", id: settling.id, start: settling.start, end });
  }

  #padded(to: number): number {
    return Math.floor(Math.min(this.#length ?? Number.POSITIVE_INFINITY, to + this.#padding));
  }

  /** Samples the sound has at least: the last frame may hold but one. */
  get #certain(): number {
    return this.position - this.frameSamples + 1;
  }

  #take(): readonly SegmentEvent[] {
    if (this.#events.length === 0) return nothing;
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
