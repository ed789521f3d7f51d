import { abortable, anySignal } from "../base/abortable.js";
import { bindMembers } from "../base/bind-members.js";
import { ClosedError } from "../base/errors.js";
import { unknownOption } from "../base/option-checks.js";
import { audioModel } from "../bundle/audio-model.js";
import { type Bundle, loadBundle } from "../bundle/load.js";
import type { BundleManifest } from "../bundle/manifest.js";
import { shippedBundle } from "../bundle/shipped.js";
import { type CaptureRequest, Microphone } from "../capture/microphone.js";
import { EARLY_SECONDS } from "../capture/worklet-options.js";
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
import type { Source, SourceHost } from "../session/source.js";
import {
  type FileOptions,
  fileNames,
  type ListenOptions,
  listenNames,
  type ResolvedOptions,
  resolveOptions,
  type SignalOptions,
  type StartOptions,
  type VadOptions,
} from "./vad-options.js";

interface SessionOptions {
  readonly record?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Voice activity detection: finds speech with a model that runs in a worker of the page. */
export class Vad {
  /** Manifest of the model's bundle: title, source, licence and more. */
  readonly manifest: BundleManifest;
  /** The model's sample rate, in Hz. */
  readonly sampleRate: number;
  /** Samples per run of the model. */
  readonly pulseSamples: number;
  /** Samples per probability. */
  readonly frameSamples: number;
  /** Delay of the model in frames. Times in events are corrected for it. */
  readonly delayFrames: number;
  /** Version of tract. */
  readonly engineVersion: string;
  readonly #engine: EngineClient;
  readonly #sessions = new Set<Session>();
  readonly #options: ResolvedOptions;
  #rules: Rules;
  #closed = false;

  private constructor(bundle: Bundle, engine: EngineClient, options: ResolvedOptions) {
    const { sampleRate, pulseSamples, delayFrames } = audioModel(bundle);
    this.manifest = bundle.manifest;
    this.sampleRate = sampleRate;
    this.pulseSamples = pulseSamples;
    this.delayFrames = delayFrames;
    this.frameSamples = pulseSamples / engine.framesPerPulse;
    this.engineVersion = engine.engineVersion;
    this.#engine = engine;
    this.#options = options;
    const { frameSamples: _, ...defaults } = bundle.manifest.defaults ?? {};
    this.#rules = withRules(withRules(defaultRules, defaults), { ...options.rules });
    bindMembers(this);
  }

  /**
   * Loads the engine and the model. Does not ask for the microphone yet.
   * @throws OptionError, BundleError, EngineError, or the signal's reason
   */
  static async open({ signal, ...options }: VadOptions & SignalOptions = {}): Promise<Vad> {
    const resolved = resolveOptions(options);
    signal?.throwIfAborted();
    const bundle = bundleFor(options.bundle, resolved.assets);
    return Vad.#load(resolved, bundle, options.onProgress, signal);
  }

  /**
   * Opens and listens at once: asks for the microphone while engine and model load. Up to 30 seconds of sound captured
   * meanwhile are processed once they are ready; a `drop` event reports sound beyond that. Call it from a click
   * handler. Close the `vad` when the session is done.
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
    const request: CaptureRequest = { stream, deviceId, audioContext, constraints };
    const resolved = resolveOptions(rest);
    signal?.throwIfAborted();
    const bundle = bundleFor(rest.bundle, resolved.assets);
    const failed = new AbortController();
    const ending = anySignal(signal, failed.signal);
    const loading = Vad.#load(resolved, bundle, rest.onProgress, ending);
    // Avoids an unhandled rejection; awaited below, after the bundle.
    loading.catch(() => undefined);
    let opening: Promise<Microphone> | undefined;
    try {
      const { sampleRate, pulseSamples } = audioModel(await abortable(bundle, signal));
      const target = { sampleRate, pulseSamples, workletUrl: resolved.workletUrl };
      const waiting = { signal: ending, earlySeconds: EARLY_SECONDS };
      opening = Microphone.open(request, target, waiting);
      opening.then(() => ending.aborted || onCapture?.()).catch(() => undefined);
      // A denied microphone rejects at once, without waiting for the engine.
      const [vad] = await Promise.all([loading, opening]);
      return { vad, session: await vad.#begin({ ...request, record, signal }, opening) };
    } catch (error) {
      failed.abort(error);
      opening?.then((opened) => opened.close()).catch(() => undefined);
      loading.then((vad) => vad.close()).catch(() => undefined);
      throw error;
    }
  }

  static async #load(
    resolved: ResolvedOptions,
    bundle: Promise<Bundle>,
    onProgress: VadOptions["onProgress"],
    signal: AbortSignal | undefined,
  ): Promise<Vad> {
    const prepare = async () => {
      const [wasm, model] = await Promise.all([
        compileEngine(resolved.engineUrl, onProgress),
        bundle.then(modelSetup),
      ]);
      return { wasm, model, url: (await bundle).url(model.file).href };
    };
    const engine = await EngineClient.start(resolved.workerUrl, prepare, signal);
    return new Vad(await bundle, engine, resolved);
  }

  /** Rules for new sessions. */
  get rules(): Rules {
    return this.#rules;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Changes rules, in running sessions too, from their next frame on.
   * @throws OptionError; then no rule is changed
   */
  setOptions(changes: SegmenterOptions): void {
    this.#rules = withRules(this.#rules, { ...changes });
    for (const session of this.#sessions) session.setOptions(changes);
  }

  /**
   * Finds speech in live sound. Asks for the microphone unless `stream` is given: call it from a click handler.
   * @throws CaptureError, OptionError, ClosedError, or the signal's reason
   */
  async listen(options: ListenOptions = {}): Promise<Session> {
    this.#check(options, listenNames);
    options.signal?.throwIfAborted();
    return this.#begin(options);
  }

  /**
   * Finds speech in a file, faster than real time. WAV is read exactly; other formats are decoded by the browser.
   * A file that cannot be read gives an `error` event. The session's last event is `end`.
   * @throws OptionError, ClosedError
   */
  file(file: Blob, options: FileOptions = {}): Session {
    this.#check(options, fileNames);
    const session = this.#session(
      options.record,
      (host) => new FileSource(file, this.sampleRate, host),
    );
    void session.runToEnd(options.signal);
    return session;
  }

  /** Stops every session and terminates the worker. Calling it again has no effect. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#sessions].map((session) => session.stop()));
    this.#engine.close();
  }

  async #begin(
    { record, signal, ...request }: CaptureRequest & SessionOptions,
    opening?: Promise<Microphone>,
  ): Promise<Session> {
    const { sampleRate, pulseSamples } = this;
    const target = { sampleRate, pulseSamples, workletUrl: this.#options.workletUrl };
    const session = this.#session(
      record,
      (host) => new MicrophoneSource(request, target, host, opening),
    );
    await session.begin(signal);
    return session;
  }

  #check(options: object, known: readonly string[]): void {
    if (this.#closed) throw new ClosedError("This Vad is closed. Open another one.", "closed");
    for (const name of Object.keys(options))
      if (!known.includes(name)) throw unknownOption(name, known);
  }

  #session(record = false, source: (host: SourceHost) => Source): Session {
    const config: SessionConfig = {
      manifest: this.manifest,
      sampleRate: this.sampleRate,
      frameSamples: this.frameSamples,
      pulseSamples: this.pulseSamples,
      rules: this.#rules,
      record,
      preRollMs: this.#options.preRollMs,
      endPadMs: this.#options.endPadMs,
    };
    const session = new Session(this.#engine, config, source);
    this.#sessions.add(session);
    session.addEventListener("end", () => this.#sessions.delete(session));
    return session;
  }
}

async function bundleFor(bundle: VadOptions["bundle"], assets: URL | undefined): Promise<Bundle> {
  if (bundle === undefined) return shippedBundle(assets);
  return typeof bundle === "string" || bundle instanceof URL ? loadBundle(bundle) : bundle;
}

/** @throws BundleError */
async function modelSetup(bundle: Bundle): Promise<ModelSetup> {
  const model = audioModel(bundle);
  return { ...model, archive: await bundle.file(model.file) };
}
