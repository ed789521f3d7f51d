import type { Take } from "nnef-pulse/look";
import { type SegmenterOptions, speechSegments } from "nnef-pulse/segmenter";
import type { Clip } from "./player.js";
import type { Row } from "./segments.js";

/** A stream that is over and whose probabilities are all known: its segments follow the threshold. */
export class Still {
  readonly take: Take;
  readonly #sound: () => Promise<Clip>;

  /** `sound` gives the whole stream at the model's rate, when it is first needed. */
  constructor(take: Take, sound: () => Promise<Clip>) {
    this.take = take;
    this.#sound = sound;
  }

  /** Finds the segments anew by `rules`, on the take and as rows. */
  segment(rules: SegmenterOptions): Row[] {
    const { sampleRate, frameSamples } = this.take.format;
    const { length } = this.take;
    const options = { ...rules, sampleRate, frameSamples, length };
    const segments = speechSegments(this.take.probabilities.toArray(), options);
    this.take.spans = segments.map(({ start, end }) => ({ start, end, certain: true }));
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
