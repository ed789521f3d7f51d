import { assets } from "../base/assets.js";
import { invalidOption, unknownOption } from "../base/option-checks.js";
import { defaultRules, ruleNames, type SegmenterOptions, withRules } from "../segmenter/options.js";

/** The rules, and where things come from. */
export interface VadOptions extends SegmenterOptions {
  /** URL of a bundle's folder, relative to the document. Default: the silero-vad bundle that ships with the package. */
  bundle?: string | URL;
  /** The engine, `tract_wasm.wasm`. Default: the file beside this one; so for the next two. */
  engineUrl?: string | URL;
  workerUrl?: string | URL;
  workletUrl?: string | URL;
  /** Hears how much of the engine has arrived, 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** Milliseconds of sound a segment's audio carries before the segment (default 0). Its times are not touched. */
  preRollMs?: number;
  /** Milliseconds of sound a segment's audio carries after it (default 0). `speechend` waits for them. */
  endPadMs?: number;
}

export interface ListenOptions {
  /** Sound to use instead of the microphone; its tracks are left running at the end. */
  stream?: MediaStream;
  /** Of `microphones()`. Default: the browser's choice. */
  deviceId?: string;
  /** Used instead of a context of our own; left open at the end. */
  audioContext?: AudioContext;
  /** Laid over one channel with the browser's echo, noise and gain processing on. */
  constraints?: MediaTrackConstraints;
  /** Keep all sound, for `recording()`: 64 kB a second at 16 kHz (default false). */
  record?: boolean;
}

/** Of `Vad.listen`, which waits for the person, the engine and the model together. */
export interface StartOptions {
  /** Hears that the microphone is on; the engine may still be on its way. */
  onCapture?: () => void;
  /** Gives up the wait; the microphone is turned off at once. */
  signal?: AbortSignal;
}

export type FileOptions = Pick<ListenOptions, "record">;

const placeNames = [
  "bundle",
  "engineUrl",
  "workerUrl",
  "workletUrl",
  "onProgress",
  "preRollMs",
  "endPadMs",
] as const;
export const listenNames = ["stream", "deviceId", "audioContext", "constraints", "record"] as const;
export const fileNames = ["record"] as const;

/** Options with every place and every default filled in. */
export interface Settled {
  readonly engineUrl: URL;
  readonly workerUrl: URL;
  readonly workletUrl: URL;
  readonly preRollMs: number;
  readonly endPadMs: number;
  readonly rules: SegmenterOptions;
}

/** @throws OptionError */
export function settle(options: VadOptions): Settled {
  const {
    bundle: _,
    engineUrl,
    workerUrl,
    workletUrl,
    onProgress: __,
    preRollMs = 0,
    endPadMs = 0,
    ...rules
  } = options;
  const known: readonly string[] = [...ruleNames, ...placeNames];
  for (const name of Object.keys(rules))
    if (!known.includes(name)) throw unknownOption(name, known);
  withRules(defaultRules, { ...rules });
  for (const [name, value] of Object.entries({ preRollMs, endPadMs })) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw invalidOption(name, value, "a number of milliseconds, 0 or more");
    }
  }
  return {
    engineUrl: located(engineUrl, assets.engine),
    workerUrl: located(workerUrl, assets.worker),
    workletUrl: located(workletUrl, assets.worklet),
    preRollMs,
    endPadMs,
    rules,
  };
}

function located(given: string | URL | undefined, fallback: () => URL): URL {
  return given === undefined ? fallback() : new URL(given, document.baseURI);
}
