import { ruleNames, type SegmenterOptions } from "../segmenter/options.js";

/** The rules with a numeric value. */
type NumberRule = Exclude<keyof SegmenterOptions, "useMaxPossibleSilenceAtMaxSpeech">;

const isNumberRule = (name: keyof SegmenterOptions): name is NumberRule =>
  name !== "useMaxPossibleSilenceAtMaxSpeech";

/** Attribute of `<nnef-vad>` for each numeric rule: `minSpeechMs` is `min-speech-ms`. */
export const ruleAttributes: ReadonlyMap<NumberRule, string> = new Map(
  ruleNames
    .filter(isNumberRule)
    .map((name) => [name, name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)]),
);

/** The same rules as lit property declarations. */
export const ruleProperties = Object.fromEntries(
  Array.from(ruleAttributes, ([name, attribute]) => [name, { type: Number, attribute }]),
);

/** The rules that are set on an element, among `names`. */
export function rulesOf(
  element: object,
  names: Iterable<keyof SegmenterOptions> = ruleAttributes.keys(),
): SegmenterOptions {
  const given = [...names].filter((name) => Reflect.get(element, name) !== undefined);
  return Object.fromEntries(given.map((name) => [name, Reflect.get(element, name)]));
}
