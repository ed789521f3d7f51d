import { defaultFrameSamples, type SegmenterOptions, type TrackOptions } from "./options.js";
import { type Segment, Segmenter } from "./segmenter.js";

export interface SpeechSegmentsOptions extends SegmenterOptions, TrackOptions {
  /** Samples of the sound (default: all frames complete). Segments end there at the latest. */
  length?: number;
}

/**
 * Finds the segments of speech in a sequence of probabilities, equal to the sample with `get_speech_timestamps_from_probs`
 * of the silero-vad package.
 *
 * @param probabilities one per frame, from the first frame of the sound; NaN where unknown
 * @returns segments in order, in samples
 * @throws OptionError for an unknown option or a value out of range
 */
export function speechSegments(
  probabilities: Iterable<number> & { readonly length: number },
  options: SpeechSegmentsOptions,
): Segment[] {
  const { sampleRate, frameSamples = defaultFrameSamples(sampleRate) } = options;
  const { length = probabilities.length * frameSamples } = options;
  const segmenter = new Segmenter({ ...options, frameSamples, length });
  const segments: Segment[] = [];
  for (const p of probabilities) collect(segmenter.push(p));
  collect(segmenter.end());
  return segments;

  function collect(events: ReturnType<Segmenter["push"]>): void {
    for (const event of events) {
      if (event.type === "speechend") segments.push({ start: event.start, end: event.end });
    }
  }
}
