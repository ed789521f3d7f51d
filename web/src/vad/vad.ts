import { ClosedError } from "../base/errors.js";
import { unknownOption } from "../base/option-checks.js";
import { audioModel } from "../bundle/audio-model.js";
import { type Bundle, loadBundle } from "../bundle/load.js";
import type { BundleManifest } from "../bundle/manifest.js";
import { shippedBundle } from "../bundle/shipped.js";
import { Asking, type CaptureRequest } from "../capture/asking.js";
import { EARLY_SECONDS } from "../capture/capture-options.js";
import { Microphone } from "../capture/microphone.js";
import { EngineClient } from "../engine/client.js";
import { compileEngine } from "../engine/compile.js";
import type { ModelSetup } from "../engine/protocol.js";
import {
  defaultRules,
  type Rules,
  type SegmenterOptions,
  withRules,
} from "../segmenter/options.js";
import { FileSource } from "../session/file-source.js";
import { MicrophoneSource } from "../session/microphone-source.js";
import { Session, type SessionConfig } from "../session/session.js";
import {
  type FileOptions,
  fileNames,
  type ListenOptions,
  listenNames,
  type Settled,
  type StartOptions,
  settle,
  type VadOptions,
} from "./vad-options.js";

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
    return Vad.#load(settle(options), bundleFor(options.bundle), options.onProgress);
  }

  /**
   * Opens and listens at once: the microphone is asked for while engine and model are on their way, and what is said
   * meanwhile is heard once they are there. Half a minute of it is kept; what comes after that is told by a `drop`.
   * Call it from a click. Who is done with the session closes the `vad`.
   * @throws OptionError, BundleError, EngineError, CaptureError, or the signal's reason; nothing is left open
   */
  static async listen(
    options: VadOptions & ListenOptions & StartOptions = {},
  ): Promise<{ readonly vad: Vad; readonly session: Session }> {
    const {
      stream,
      deviceId,
      audioContext,
      constraints,
      record = false,
      onCapture,
      signal,
      ...rest
    } = options;
    const request: CaptureRequest = {
      stream,
      deviceId,
      audioContext,
      ...(constraints && { constraints }),
    };
    const settled = settle(rest);
    signal?.throwIfAborted();
    const bundle = bundleFor(rest.bundle);
    const loading = Vad.#load(settled, bundle, rest.onProgress);
    // Awaited below; a bundle that fails is told first.
    loading.catch(() => undefined);
    const { sampleRate, pulseSamples } = audioModel(await bundle);
    const { workletUrl } = settled;
    const asking = new Asking(request, sampleRate, workletUrl);
    const target = { sampleRate, pulseSamples, workletUrl };
    const opening = Microphone.open(asking, target, EARLY_SECONDS);
    let waits = true;
    opening.then(() => waits && onCapture?.()).catch(() => undefined);
    try {
      // Who refuses the microphone need not wait for the engine to be told so.
      const [vad] = await Promise.race([Promise.all([loading, opening]), abandoned(signal)]);
      return { vad, session: await vad.#begin(record, request, opening) };
    } catch (error) {
      waits = false;
      asking.abandon();
      opening.then((microphone) => microphone.close()).catch(() => undefined);
      loading.then((vad) => vad.close()).catch(() => undefined);
      throw error;
    }
  }

  static async #load(
    settled: Settled,
    bundle: Promise<Bundle>,
    onProgress: VadOptions["onProgress"],
  ): Promise<Vad> {
    const engine = await EngineClient.start(settled.workerUrl, async () => {
      const [wasm, model] = await Promise.all([
        compileEngine(settled.engineUrl, onProgress),
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
    return this.#begin(record, request as CaptureRequest);
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

  async #begin(
    record: boolean,
    request: CaptureRequest,
    opening?: Promise<Microphone>,
  ): Promise<Session> {
    const { sampleRate, pulseSamples } = this;
    const target = { sampleRate, pulseSamples, workletUrl: this.#workletUrl };
    const session = this.#session(
      record,
      (engine, config) =>
        new Session(engine, config, (host) => new MicrophoneSource(request, target, host, opening)),
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

/** Rejects when the signal says so. */
function abandoned(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    if (signal?.aborted) reject(signal.reason);
  });
}

/** @throws BundleError */
async function modelSetup(bundle: Bundle): Promise<ModelSetup> {
  const model = audioModel(bundle);
  return { ...model, archive: await bundle.file(model.file) };
}
