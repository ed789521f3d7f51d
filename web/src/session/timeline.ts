import type { Heard } from "../engine/protocol.js";
import type { Rules, SegmenterOptions } from "../segmenter/options.js";
import { type OpenSegment, type SegmentEvent, Segmenter } from "../segmenter/segmenter.js";
import { SpeechAudio } from "../sound/speech-audio.js";
import type { SessionEvents, SessionEventType } from "./events.js";
import { History } from "./history.js";

/** Sends an event. */
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

/** A segment that is certain, waiting for the sound after it that its audio is to carry. */
interface Ended {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Seconds kept beyond need, so that a padding made longer while running finds its sound. */
const SLACK_SECONDS = 2;

/**
 * What a session has heard and found: places the worker's results on one clock and turns them into events.
 *
 * A session may be cut into parts, by a pause or a change of microphone. Each part is segmented by itself, as a file of
 * its own would be, while the clock runs on over them.
 */
export class Timeline {
  readonly #config: TimelineConfig;
  readonly #emit: Emit;
  readonly #history = new History();
  readonly #preRoll: number;
  readonly #endPad: number;
  #segmenter: Segmenter;
  /** Where the part begins, and segments before it. */
  #offset = 0;
  #idOffset = 0;
  #ids = 0;
  #ended: Ended[] = [];

  constructor(config: TimelineConfig, emit: Emit) {
    this.#config = config;
    this.#emit = emit;
    this.#preRoll = Math.round((config.preRollMs * config.sampleRate) / 1000);
    this.#endPad = Math.round((config.endPadMs * config.sampleRate) / 1000);
    this.#segmenter = this.#newSegmenter(config.rules);
  }

  /** Samples heard or lost so far. */
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

  hear({ pieces, probabilities }: Heard): void {
    for (const piece of pieces) {
      const at = this.#when(this.#history.end);
      if ("samples" in piece) {
        this.#history.push(piece.samples);
        this.#emit("block", { ...at, samples: piece.samples });
      } else {
        this.#history.skip(piece.lost);
        this.#emit("drop", { ...at, pulses: piece.pulses, length: piece.lost });
      }
    }
    for (const p of probabilities) {
      const at = this.#when(this.#offset + this.#segmenter.position);
      const events = this.#segmenter.push(p);
      if (!Number.isNaN(p)) this.#emit("probability", { ...at, p });
      this.#tell(events);
    }
    this.#giveAudio(this.#history.end);
    if (!this.#config.record) this.#forget();
  }

  /** The part is over: what is open ends here, and a new part may begin. */
  endPart(): void {
    const length = this.#history.end - this.#offset;
    this.#tell(this.#segmenter.end(Math.min(length, this.#segmenter.position)));
    this.#giveAudio(Number.POSITIVE_INFINITY);
    this.#segmenter = this.#newSegmenter(this.#segmenter.rules);
    this.#offset = this.#history.end;
    this.#idOffset = this.#ids;
  }

  #newSegmenter(rules: Rules): Segmenter {
    const { sampleRate, frameSamples } = this.#config;
    return new Segmenter({ sampleRate, frameSamples, ...rules });
  }

  #when(time: number): { readonly time: number; readonly seconds: number } {
    return { time, seconds: time / this.#config.sampleRate };
  }

  #tell(events: readonly SegmentEvent[]): void {
    for (const event of events) {
      const id = this.#idOffset + event.id;
      const start = this.#offset + event.start;
      const at = { id, start, startSeconds: start / this.#config.sampleRate };
      this.#ids = Math.max(this.#ids, id + 1);
      if (event.type === "speechend")
        this.#ended.push({ id, start, end: this.#offset + event.end });
      else if (event.type === "speechstart")
        this.#emit("speechstart", { ...at, provisional: true });
      else this.#emit(event.type, at);
    }
  }

  /** Sends the segments whose sound is all there. */
  #giveAudio(now: number): void {
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
    this.#history.forget(earliest - this.#preRoll - SLACK_SECONDS * this.#config.sampleRate);
  }
}
