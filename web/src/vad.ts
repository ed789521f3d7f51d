import { assets } from "./assets.js";
import { audioModel } from "./bundle/audio-model.js";
import { type Bundle, loadBundle } from "./bundle/load.js";
import type { BundleManifest } from "./bundle/manifest.js";
import { shippedBundle } from "./bundle/shipped.js";
import type { CaptureRequest } from "./capture/microphone.js";
import { EngineClient } from "./engine/client.js";
import { compileEngine } from "./engine/compile.js";
import type { ModelSetup } from "./engine/protocol.js";
import { ClosedError } from "./errors.js";
import { invalidOption, unknownOption } from "./options.js";
import {
  defaultRules,
  type Rules,
  ruleNames,
  type SegmenterOptions,
  withRules,
} from "./segmenter/options.js";
import { FileSource } from "./session/file-source.js";
import { MicrophoneSource } from "./session/microphone-source.js";
import { Session, type SessionConfig } from "./session/session.js";

export type { Bundle } from "./bundle/load.js";
export type { BundleManifest } from "./bundle/manifest.js";
export { microphones } from "./capture/devices.js";
export * from "./errors.js";
export type { Rules, SegmenterOptions } from "./segmenter/options.js";
export type { OpenSegment, Segment } from "./segmenter/segmenter.js";
export type * from "./session/events.js";
export type { Distribution, Figures } from "./session/figures.js";
export type { Session } from "./session/session.js";
export { SpeechAudio } from "./sound/speech-audio.js";
export type { WavFormat } from "./sound/wav-write.js";

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
const listenNames = ["stream", "deviceId", "audioContext", "constraints", "record"] as const;
const fileNames = ["record"] as const;

/** Finds speech in sound, by a model that runs in a worker of this page. */
export class Vad {
  /** What the model is, where it comes from, its licence. */
  readonly manifest: BundleManifest;
  /** The model's, in Hz. */
  readonly sampleRate: number;
  /** Samples one run of the model takes. */
  readonly pulseSamples: number;
  /** Samples each probability stands for. */
  readonly frameSamples: number;
  /** Frames by which the model's answers lag; times are corrected for it. */
  readonly delayFrames: number;
  /** Version of tract. */
  readonly engineVersion: string;
  readonly #engine: EngineClient;
  readonly #sessions = new Set<Session>();
  readonly #workletUrl: URL;
  readonly #preRollMs: number;
  readonly #endPadMs: number;
  #rules: Rules;
  #closed = false;

  private constructor(bundle: Bundle, engine: EngineClient, options: Settled) {
    const { sampleRate, pulseSamples, delayFrames } = audioModel(bundle);
    this.manifest = bundle.manifest;
    this.sampleRate = sampleRate;
    this.pulseSamples = pulseSamples;
    this.delayFrames = delayFrames;
    this.frameSamples = pulseSamples / engine.framesPerPulse;
    this.engineVersion = engine.engineVersion;
    this.#engine = engine;
    this.#workletUrl = options.workletUrl;
    this.#preRollMs = options.preRollMs;
    this.#endPadMs = options.endPadMs;
    const { frameSamples: _, ...defaults } = bundle.manifest.defaults ?? {};
    this.#rules = withRules(withRules(defaultRules, defaults), { ...options.rules });
  }

  /**
   * Loads the engine and the model. Nothing is asked of the person yet.
   * @throws OptionError, BundleError, EngineError
   */
  static async open(options: VadOptions = {}): Promise<Vad> {
    const settled = settle(options);
    const bundle = bundleFor(options.bundle);
    const engine = await EngineClient.start(settled.workerUrl, async () => {
      const [wasm, model] = await Promise.all([
        compileEngine(settled.engineUrl, options.onProgress),
        bundle.then(modelSetup),
      ]);
      return { wasm, model, url: (await bundle).url(model.file).href };
    });
    return new Vad(await bundle, engine, settled);
  }

  /** The rules in force for sessions to come. */
  get rules(): Rules {
    return this.#rules;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Changes rules, in running sessions too, from their next frame on.
   * @throws OptionError, and then nothing is changed
   */
  setOptions(changes: SegmenterOptions): void {
    this.#rules = withRules(this.#rules, { ...changes });
    for (const session of this.#sessions) session.setOptions(changes);
  }

  /**
   * Searches live sound. Asks for the microphone, unless `stream` is given: call it from a click.
   * @throws CaptureError, OptionError, ClosedError
   */
  async listen(options: ListenOptions = {}): Promise<Session> {
    this.#check(options, listenNames);
    const { record = false, ...request } = options;
    const { sampleRate, pulseSamples } = this;
    const target = { sampleRate, pulseSamples, workletUrl: this.#workletUrl };
    const session = this.#session(
      record,
      (engine, config) =>
        new Session(
          engine,
          config,
          (host) => new MicrophoneSource(request as CaptureRequest, target, host),
        ),
    );
    try {
      await session.begin();
    } catch (error) {
      this.#sessions.delete(session);
      throw error;
    }
    if (this.#closed) await session.stop();
    return session;
  }

  /**
   * Searches a file, faster than it would play. WAV is read exactly; other sound is what the browser decodes.
   * Trouble with the file is an `error` event; after the last event, `end`, the session is over.
   * @throws OptionError, ClosedError
   */
  file(file: Blob, options: FileOptions = {}): Session {
    this.#check(options, fileNames);
    const session = this.#session(
      options.record ?? false,
      (engine, config) =>
        new Session(engine, config, (host) => new FileSource(file, this.sampleRate, host)),
    );
    void session.runToEnd();
    return session;
  }

  /** Stops every session and ends the worker. May be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#sessions].map((session) => session.stop()));
    this.#engine.close();
  }

  #check(options: object, known: readonly string[]): void {
    if (this.#closed) throw new ClosedError("This Vad is closed; open another.", "closed");
    for (const name of Object.keys(options))
      if (!known.includes(name)) throw unknownOption(name, known);
  }

  #session(
    record: boolean,
    make: (engine: EngineClient, config: SessionConfig) => Session,
  ): Session {
    const session = make(this.#engine, {
      manifest: this.manifest,
      sampleRate: this.sampleRate,
      frameSamples: this.frameSamples,
      pulseSamples: this.pulseSamples,
      rules: this.#rules,
      record,
      preRollMs: this.#preRollMs,
      endPadMs: this.#endPadMs,
    });
    this.#sessions.add(session);
    session.addEventListener("end", () => this.#sessions.delete(session));
    return session;
  }
}

async function bundleFor(folder: string | URL | undefined): Promise<Bundle> {
  return folder === undefined ? shippedBundle() : loadBundle(folder);
}

/** @throws BundleError */
async function modelSetup(bundle: Bundle): Promise<ModelSetup> {
  const model = audioModel(bundle);
  return { ...model, archive: await bundle.file(model.file) };
}

interface Settled {
  readonly engineUrl: URL;
  readonly workerUrl: URL;
  readonly workletUrl: URL;
  readonly preRollMs: number;
  readonly endPadMs: number;
  readonly rules: SegmenterOptions;
}

/** @throws OptionError before anything is fetched */
function settle(options: VadOptions): Settled {
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
