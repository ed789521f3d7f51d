import { invalidOption, unknownOption } from "../base/option-checks.js";

/** Rules that turn probabilities into segments: those of silero, with its defaults. */
export interface SegmenterOptions {
  /** A frame at or above it opens a segment (0 to 1, default 0.5). */
  threshold?: number;
  /**
   * A frame below it begins a silence (0 to 1). May exceed `threshold`.
   * Default: `threshold - 0.15`, at least 0.01; it follows `threshold` until given. `undefined` gives the default back.
   */
  negThreshold?: number | undefined;
  /** Segments must be longer than this, padding excluded (ms, default 250). */
  minSpeechMs?: number;
  /** Longer segments are cut (ms, default Infinity). */
  maxSpeechMs?: number;
  /** A silence this long ends a segment (ms, default 100). */
  minSilenceMs?: number;
  /** Added to each side of a segment, at most up to the middle of a gap (ms, default 30). */
  speechPadMs?: number;
  /** A silence longer than this is a place to cut a segment that reaches `maxSpeechMs` (ms, default 98). */
  minSilenceAtMaxSpeechMs?: number;
  /** Cut at the longest such silence (default true) rather than at the last one. */
  useMaxPossibleSilenceAtMaxSpeech?: boolean;
}

/** Time base of a sequence of probabilities. */
export interface TrackOptions {
  /** In Hz; segment times count samples at this rate. */
  sampleRate: number;
  /** Samples per probability. Default 256 at 8 kHz, else 512. */
  frameSamples?: number;
}

/** Every rule with a value; `negThreshold` undefined means derived from `threshold`. */
export type Rules = Readonly<Required<SegmenterOptions>>;

export const defaultRules: Rules = Object.freeze({
  threshold: 0.5,
  negThreshold: undefined,
  minSpeechMs: 250,
  maxSpeechMs: Number.POSITIVE_INFINITY,
  minSilenceMs: 100,
  speechPadMs: 30,
  minSilenceAtMaxSpeechMs: 98,
  useMaxPossibleSilenceAtMaxSpeech: true,
});

type Check = (value: unknown) => string | undefined;

const probability: Check = (value) =>
  typeof value === "number" && value >= 0 && value <= 1 ? undefined : "a number from 0 to 1";
const duration: Check = (value) =>
  typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY
    ? undefined
    : "a number of milliseconds, 0 or more";
const limit: Check = (value) =>
  typeof value === "number" && value > 0
    ? undefined
    : "a number of milliseconds above 0, or Infinity";
const truth: Check = (value) => (typeof value === "boolean" ? undefined : "true or false");

const ruleChecks: Readonly<Record<keyof SegmenterOptions, Check>> = {
  threshold: probability,
  negThreshold: (value) => (value === undefined ? undefined : probability(value)),
  minSpeechMs: duration,
  maxSpeechMs: limit,
  minSilenceMs: duration,
  speechPadMs: duration,
  minSilenceAtMaxSpeechMs: duration,
  useMaxPossibleSilenceAtMaxSpeech: truth,
};

/** Names of the rules, in the order of the documentation. */
export const ruleNames = Object.freeze(
  Object.keys(ruleChecks),
) as readonly (keyof SegmenterOptions)[];

/**
 * `base` with `changes` laid over it.
 * @throws OptionError for a name that is no rule or a value out of range; `base` is untouched
 */
export function withRules(base: Rules, changes: Readonly<Record<string, unknown>>): Rules {
  const next: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(changes)) {
    const check = Object.hasOwn(ruleChecks, name)
      ? ruleChecks[name as keyof SegmenterOptions]
      : undefined;
    if (check === undefined) throw unknownOption(name, ruleNames);
    // An absent optional argument handed on as undefined leaves the rule as it is, save where undefined has a meaning.
    if (value === undefined && name !== "negThreshold") continue;
    const wanted = check(value);
    if (wanted !== undefined) throw invalidOption(name, value, wanted);
    next[name] = value;
  }
  return Object.freeze(next) as Rules;
}

/** Default samples per frame: those of silero's models. */
export function defaultFrameSamples(sampleRate: number): number {
  return sampleRate === 8000 ? 256 : 512;
}
