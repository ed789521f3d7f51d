import type { BlockResult } from "../engine/protocol.js";
import type { Rules, SegmenterOptions } from "../segmenter/options.js";
import { type OpenSegment, type SegmentEvent, Segmenter } from "../segmenter/segmenter.js";
import { SpeechAudio } from "../sound/speech-audio.js";
import { AudioHistory } from "./audio-history.js";
import type { SessionEvents, SessionEventType } from "./events.js";

/** Dispatches an event. */
export type Emit = <Type extends SessionEventType>(type: Type, detail: SessionEvents[Type]) => void;

export interface TimelineConfig {
  /** In Hz. */
  readonly sampleRate: number;
  readonly frameSamples: number;
  readonly rules: Rules;
  /** Keep all sound, for `recording`. */
  readonly record: boolean;
  /** Milliseconds of sound a segment's audio carries before and after the segment. */
  readonly preRollMs: number;
  readonly endPadMs: number;
}

/** A complete segment that waits for the sound after it that its audio includes. */
interface EndedSegment {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Extra seconds of sound kept, for a padding that is made longer while running. */
const EXTRA_SECONDS = 2;

/**
 * Places the worker's results on the session's clock and turns them into events.
 *
 * A pause or a change of microphone starts a new part. Each part is segmented separately, like a file, while the clock
 * continues.
 */
export class Timeline {
  readonly #config: TimelineConfig;
  readonly #emit: Emit;
  readonly #history = new AudioHistory();
  readonly #preRoll: number;
  readonly #endPad: number;
  #segmenter: Segmenter;
  /** First sample of the current part, and number of segments before it. */
  #offset = 0;
  #idOffset = 0;
  #segments = 0;
  #ended: EndedSegment[] = [];

  constructor(config: TimelineConfig, emit: Emit) {
    this.#config = config;
    this.#emit = emit;
    this.#preRoll = Math.round((config.preRollMs * config.sampleRate) / 1000);
    this.#endPad = Math.round((config.endPadMs * config.sampleRate) / 1000);
    this.#segmenter = this.#newSegmenter(config.rules);
  }

  /** Samples so far, lost ones included. */
  get length(): number {
    return this.#history.end;
  }

  get rules(): Rules {
    return this.#segmenter.rules;
  }

  /** The segment in progress. */
  get current(): OpenSegment | null {
    const open = this.#segmenter.open;
    if (open === undefined) return null;
    const { start, end } = open;
    return {
      ...open,
      id: this.#idOffset + open.id,
      start: this.#offset + start,
      end: this.#offset + end,
    };
  }

  setOptions(changes: SegmenterOptions): void {
    this.#segmenter.setOptions(changes);
  }

  audio(start: number, end: number): SpeechAudio {
    const { start: from, samples } = this.#history.slice(start, end);
    return new SpeechAudio(samples, this.#config.sampleRate, from);
  }

  add({ pieces, probabilities }: BlockResult): void {
    for (const piece of pieces) {
      const at = this.#at(this.#history.end);
      if ("samples" in piece) {
        this.#history.push(piece.samples);
        this.#emit("block", { ...at, samples: piece.samples });
      } else {
        this.#history.skip(piece.lost);
        this.#emit("drop", { ...at, pulses: piece.pulses, length: piece.lost });
      }
    }
    for (const p of probabilities) {
      const at = this.#at(this.#offset + this.#segmenter.position);
      const events = this.#segmenter.push(p);
      if (!Number.isNaN(p)) this.#emit("probability", { ...at, p });
      this.#emitAll(events);
    }
    this.#emitEnded(this.#history.end);
    if (!this.#config.record) this.#forget();
  }

  /** Ends the current part, and with it an open segment. */
  endPart(): void {
    const length = this.#history.end - this.#offset;
    this.#emitAll(this.#segmenter.end(Math.min(length, this.#segmenter.position)));
    this.#emitEnded(Number.POSITIVE_INFINITY);
    this.#segmenter = this.#newSegmenter(this.#segmenter.rules);
    this.#offset = this.#history.end;
    this.#idOffset = this.#segments;
  }

  #newSegmenter(rules: Rules): Segmenter {
    const { sampleRate, frameSamples } = this.#config;
    return new Segmenter({ sampleRate, frameSamples, ...rules });
  }

  #at(time: number): { readonly time: number; readonly seconds: number } {
    return { time, seconds: time / this.#config.sampleRate };
  }

  #emitAll(events: readonly SegmentEvent[]): void {
    for (const event of events) {
      const id = this.#idOffset + event.id;
      const start = this.#offset + event.start;
      const at = { id, start, startSeconds: start / this.#config.sampleRate };
      this.#segments = Math.max(this.#segments, id + 1);
      if (event.type === "speechend")
        this.#ended.push({ id, start, end: this.#offset + event.end });
      else if (event.type === "speechstart")
        this.#emit("speechstart", { ...at, provisional: true });
      else this.#emit(event.type, at);
    }
  }

  /** Emits the ended segments whose sound is complete at sample `now`. */
  #emitEnded(now: number): void {
    for (
      let next = this.#ended[0];
      next !== undefined && next.end + this.#endPad <= now;
      next = this.#ended[0]
    ) {
      this.#ended.shift();
      const { sampleRate } = this.#config;
      this.#emit("speechend", {
        ...next,
        startSeconds: next.start / sampleRate,
        endSeconds: next.end / sampleRate,
        audio: this.audio(next.start - this.#preRoll, next.end + this.#endPad),
      });
    }
  }

  #forget(): void {
    const earliest = Math.min(
      this.#offset + this.#segmenter.earliest,
      this.#ended[0]?.start ?? this.#history.end,
    );
    this.#history.forget(earliest - this.#preRoll - EXTRA_SECONDS * this.#config.sampleRate);
  }
}
