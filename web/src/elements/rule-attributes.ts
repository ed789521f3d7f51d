import { ruleNames, type SegmenterOptions } from "../segmenter/options.js";

/** Rules that are numbers. */
type NumberRule = Exclude<keyof SegmenterOptions, "useMaxPossibleSilenceAtMaxSpeech">;

const isNumberRule = (name: keyof SegmenterOptions): name is NumberRule =>
  name !== "useMaxPossibleSilenceAtMaxSpeech";

/** They are attributes of `<nnef-vad>` too, by the rule's name: `minSpeechMs` is `min-speech-ms`. */
export const ruleAttributes: ReadonlyMap<NumberRule, string> = new Map(
  ruleNames
    .filter(isNumberRule)
    .map((name) => [name, name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)]),
);
