import type { StreamRecord } from "nnef-pulse/look";
import { type SegmenterOptions, speechSegments } from "nnef-pulse/segmenter";
import type { Clip } from "./player.js";
import type { Row } from "./segments.js";

/** The result of an ended stream. Its segments are recomputed when the rules change. */
export class RecordedResult {
  readonly record: StreamRecord;
  readonly #sound: () => Promise<Clip>;

  /** @param sound gives the whole stream at the model's rate; called when first needed */
  constructor(record: StreamRecord, sound: () => Promise<Clip>) {
    this.record = record;
    this.#sound = sound;
  }

  /** Finds the segments by `rules`; updates the record and returns table rows. */
  segment(rules: SegmenterOptions): Row[] {
    const { sampleRate, frameSamples } = this.record.format;
    const { length } = this.record;
    const options = { ...rules, sampleRate, frameSamples, length };
    const segments = speechSegments(this.record.probabilities.toArray(), options);
    this.record.spans = segments.map(({ start, end }) => ({ start, end, certain: true }));
    return segments.map(({ start, end }) => ({
      start: start / sampleRate,
      end: end / sampleRate,
      clip: async () => {
        const { samples } = await this.#sound();
        return { samples: samples.subarray(start, end), sampleRate };
      },
    }));
  }
}
