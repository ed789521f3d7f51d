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

/** The same as lit declares an element's properties. */
export const ruleProperties = Object.fromEntries(
  Array.from(ruleAttributes, ([name, attribute]) => [name, { type: Number, attribute }]),
);

/** The rules an element was given; of `names`, where not all are asked for. */
export function rulesOf(
  element: object,
  names: Iterable<keyof SegmenterOptions> = ruleAttributes.keys(),
): SegmenterOptions {
  const given = [...names].filter((name) => Reflect.get(element, name) !== undefined);
  return Object.fromEntries(given.map((name) => [name, Reflect.get(element, name)]));
}
