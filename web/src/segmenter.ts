export { OptionError } from "./base/errors.js";
export {
  defaultFrameSamples,
  defaultRules,
  type Rules,
  ruleNames,
  type SegmenterOptions,
  type TrackOptions,
} from "./segmenter/options.js";
export {
  type OpenSegment,
  type Segment,
  type SegmentEvent,
  Segmenter,
  type SegmenterConfig,
} from "./segmenter/segmenter.js";
export { type SpeechSegmentsOptions, speechSegments } from "./segmenter/speech-segments.js";
