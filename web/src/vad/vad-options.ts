import { assetUrl } from "../base/assets.js";
import { invalidOption, unknownOption } from "../base/option-checks.js";
import { folderUrl, resolveUrl } from "../base/resolve-url.js";
import type { Bundle } from "../bundle/load.js";
import { defaultRules, ruleNames, type SegmenterOptions, withRules } from "../segmenter/options.js";

/** Segmentation rules, and locations of the bundle, engine and worker. */
export interface VadOptions extends SegmenterOptions {
  /** A bundle, or the URL of its folder, relative to the document. Default: the silero-vad bundle that ships with the package. */
  bundle?: string | URL | Bundle;
  /** Folder with copies of the package's files, its bundle included. Default: beside this module. */
  assets?: string | URL;
  /** URL of `tract_wasm.wasm`, if it is not in `assets`. */
  engineUrl?: string | URL;
  /** URL of `engine.worker.js`, if it is not in `assets`. */
  workerUrl?: string | URL;
  /** URL of `capture.worklet.js`, if it is not in `assets`. */
  workletUrl?: string | URL;
  /** Called with the fraction of the engine received so far, 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** Milliseconds of sound before a segment that its audio includes (default 0). Its times do not change. */
  preRollMs?: number;
  /** Milliseconds of sound after a segment that its audio includes (default 0). `speechend` waits for them. */
  endPadMs?: number;
}

/** Taken by every call that waits. */
export interface SignalOptions {
  /** Gives up the wait, a microphone that is asked for included; ends a session that has begun. */
  signal?: AbortSignal;
}

export interface ListenOptions extends SignalOptions {
  /** Used instead of the microphone; its tracks are not stopped at the end. */
  stream?: MediaStream;
  /** A `deviceId` from `microphones()`. Default: the browser's choice. */
  deviceId?: string;
  /** Used instead of creating one; not closed at the end. */
  audioContext?: AudioContext;
  /** Override the defaults: one channel; echo cancellation, noise suppression and gain control on. */
  constraints?: MediaTrackConstraints;
  /** Keep all sound for `recording()`: 64 kB per second at 16 kHz (default false). */
  record?: boolean;
}

/** Options of `Vad.listen`, which waits for the user, the engine and the model together. */
export interface StartOptions {
  /** Called when the microphone is on; the engine may still be loading. */
  onCapture?: () => void;
}

export type FileOptions = Pick<ListenOptions, "record" | "signal">;

const locationNames = [
  "bundle",
  "assets",
  "engineUrl",
  "workerUrl",
  "workletUrl",
  "onProgress",
  "preRollMs",
  "endPadMs",
] as const;
export const fileNames = ["record", "signal"] as const;
export const listenNames = [
  "stream",
  "deviceId",
  "audioContext",
  "constraints",
  ...fileNames,
] as const;

/** Options with every location and default resolved. */
export interface ResolvedOptions {
  /** Folder of the package's files; undefined: beside this module. */
  readonly assets: URL | undefined;
  readonly engineUrl: URL;
  readonly workerUrl: URL;
  readonly workletUrl: URL;
  readonly preRollMs: number;
  readonly endPadMs: number;
  readonly rules: SegmenterOptions;
}

/** @throws OptionError */
export function resolveOptions(options: VadOptions): ResolvedOptions {
  const {
    bundle: _,
    assets,
    engineUrl,
    workerUrl,
    workletUrl,
    onProgress: __,
    preRollMs = 0,
    endPadMs = 0,
    ...rules
  } = options;
  const known: readonly string[] = [...ruleNames, ...locationNames];
  for (const name of Object.keys(rules))
    if (!known.includes(name)) throw unknownOption(name, known);
  withRules(defaultRules, { ...rules });
  for (const [name, value] of Object.entries({ preRollMs, endPadMs })) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw invalidOption(name, value, "a number of milliseconds, 0 or more");
    }
  }
  const folder = assets === undefined ? undefined : folderUrl(assets);
  return {
    assets: folder,
    engineUrl: engineUrl ? resolveUrl(engineUrl) : assetUrl("engine", folder),
    workerUrl: workerUrl ? resolveUrl(workerUrl) : assetUrl("worker", folder),
    workletUrl: workletUrl ? resolveUrl(workletUrl) : assetUrl("worklet", folder),
    preRollMs,
    endPadMs,
    rules,
  };
}
