import { defaultFrameSamples, type SegmenterOptions, type TrackOptions } from "./options.js";
import { type Segment, Segmenter } from "./segmenter.js";

export interface SpeechSegmentsOptions extends SegmenterOptions, TrackOptions {
  /** Samples of sound in all (default: all frames whole). Segments end there at the latest. */
  length?: number;
}

/**
 * The segments of speech in a track of probabilities, equal sample for sample to those of the silero-vad package's
 * `get_speech_timestamps_from_probs`.
 *
 * @param probabilities one per frame, from the first frame of the sound; NaN where it is not known
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
