import { ClosedError, DecodeError, OptionError, VadError } from "../base/errors.js";
import type { BundleManifest } from "../bundle/manifest.js";
import { watchDevices } from "../capture/devices.js";
import type { EngineClient, EngineStream } from "../engine/client.js";
import type { Rules, SegmenterOptions } from "../segmenter/options.js";
import type { OpenSegment } from "../segmenter/segmenter.js";
import type { SpeechAudio } from "../sound/speech-audio.js";
import { SessionEventTarget } from "./event-target.js";
import type { EndDetail, SessionState } from "./events.js";
import type { Figures } from "./figures.js";
import { Finish } from "./finish.js";
import { Hearing } from "./hearing.js";
import { MicrophoneSource } from "./microphone-source.js";
import type { Source, SourceHost } from "./source.js";
import type { Timeline, TimelineConfig } from "./timeline.js";
import { Turns } from "./turns.js";

export interface SessionConfig extends TimelineConfig {
  readonly manifest: BundleManifest;
  readonly pulseSamples: number;
}

/** One stream of sound being searched for speech. Made by `Vad.listen` and `Vad.file`. */
export class Session extends SessionEventTarget {
  /** What the model that runs is. */
  readonly manifest: BundleManifest;
  /** Of the model, in Hz: the clock of every time this session tells. */
  readonly sampleRate: number;
  /** Samples each probability stands for. */
  readonly frameSamples: number;
  /** Samples one run of the model takes. */
  readonly pulseSamples: number;
  readonly #record: boolean;
  readonly #hearing: Hearing;
  readonly #stream: EngineStream;
  readonly #source: Source;
  #state: SessionState = "starting";
  readonly #finish = new Finish(() => this.#stream.send({ type: "finish" }));
  #stopping: Promise<void> | undefined;
  /** Of pausing, resuming and changing the microphone. */
  readonly #turns = new Turns();
  #unwatchDevices: (() => void) | undefined;

  /** @internal */
  constructor(engine: EngineClient, config: SessionConfig, source: (host: SourceHost) => Source) {
    super();
    this.manifest = config.manifest;
    this.sampleRate = config.sampleRate;
    this.frameSamples = config.frameSamples;
    this.pulseSamples = config.pulseSamples;
    this.#record = config.record;
    this.#hearing = new Hearing(config, this.emit);
    this.#stream = engine.open({
      report: (report) => {
        this.#hearing.take(report);
        if (report.type === "finished") this.#finish.come();
        if (report.type !== "heard") return;
        this.#source.heard?.();
        this.#finish.askLater();
      },
      failed: (error) => this.#fail(error),
    });
    this.#source = source(this.#host());
  }

  /** @internal Waits until sound flows. */
  async begin(): Promise<void> {
    try {
      await this.#source.start();
      this.#unwatchDevices = watchDevices((microphones) => this.emit("devices", { microphones }));
      this.#setState("running");
    } catch (error) {
      this.#stream.close();
      throw error;
    }
  }

  /** @internal Runs a source that has an end. */
  async runToEnd(): Promise<void> {
    try {
      await this.#source.start();
      if (this.#stopping === undefined) this.#end("ended");
    } catch (error) {
      this.#fail(error);
    }
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Samples heard so far: now, on the session's clock. */
  get length(): number {
    return this.#timeline.length;
  }

  /** The segment in progress, which may yet turn out a misfire; null between segments. */
  get current(): OpenSegment | null {
    return this.#timeline.current;
  }

  get rules(): Rules {
    return this.#timeline.rules;
  }

  get figures(): Figures {
    return this.#hearing.figures;
  }

  /** Rate at which the sound comes in, in Hz; undefined for a file or while paused. */
  get inputRate(): number | undefined {
    return this.#microphone?.microphone?.inputRate;
  }

  /** Seconds by which the resampler delays answers; times are corrected for it. */
  get filterDelaySeconds(): number {
    return this.#microphone?.microphone?.filterDelaySeconds ?? 0;
  }

  /** The microphone in use; undefined for a file or while paused. */
  get deviceId(): string | undefined {
    return this.#microphone?.microphone?.deviceId;
  }

  /**
   * Changes rules from the next frame on.
   * @throws OptionError
   */
  setOptions(changes: SegmenterOptions): void {
    this.#timeline.setOptions(changes);
  }

  /** Sound of the segment in progress so far; null between segments. */
  utterance(): SpeechAudio | null {
    const current = this.current;
    return current && this.#timeline.audio(current.start, this.length);
  }

  /**
   * Everything heard, exactly as the model heard it. Lost sound is zeros.
   * @throws OptionError unless the session was opened with `record: true`
   */
  recording(): SpeechAudio {
    if (!this.#record) {
      throw new OptionError(
        "Nothing was recorded: open the session with record: true.",
        "option-invalid",
        "record",
      );
    }
    return this.#timeline.audio(0, this.length);
  }

  /** Empties what the engine remembers, as at the start of a stream. */
  reset(): void {
    this.#stream.send({ type: "reset" });
  }

  /**
   * Sends `state` events with what the engine remembers.
   * @param perSecond at most so many, 0 to 10; 0 stops them
   */
  watchState(perSecond: number): void {
    this.#stream.send({ type: "watch", perSecond: Math.max(0, Math.min(10, perSecond)) });
  }

  /**
   * Sends a `values` event for each pulse with what every node of the model gives, from the state
   * that answers: to look inside. A pulse takes longer meanwhile; none is run twice or left out.
   */
  watchValues(on: boolean): void {
    this.#stream.send({ type: "trace", on });
  }

  /**
   * Stops taking sound. A microphone is turned off, and a segment in progress ends here; a file merely waits.
   * @throws ClosedError after the end
   */
  pause(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state !== "running") return;
      this.#setState("paused");
      await this.#source.pause();
    });
  }

  /**
   * Goes on after a pause, or tries to wake a context the browser suspended.
   * @throws CaptureError when the microphone cannot be had again; the session stays paused
   * @throws ClosedError after the end
   */
  resume(): Promise<void> {
    this.#microphone?.microphone?.resume();
    return this.#inTurn(async () => {
      if (this.#state !== "paused") return;
      await this.#source.resume();
      this.#setState("running");
    });
  }

  /**
   * Changes to another microphone. A segment in progress ends here; the clock goes on.
   * @throws CaptureError when it cannot be had; the session is then paused
   * @throws ClosedError after the end, or for a file
   */
  setMicrophone(deviceId: string): Promise<void> {
    return this.#inTurn(async () => {
      const source = this.#microphone;
      if (source === undefined) throw new ClosedError("A file has no microphone.", "closed");
      source.choose(deviceId);
      if (this.#state !== "running") return;
      await source.pause();
      try {
        await source.start();
      } catch (error) {
        this.#setState("paused");
        throw error;
      }
    });
  }

  /** Ends the session for good. Resolves after its last event, `end`. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  get #timeline(): Timeline {
    return this.#hearing.timeline;
  }

  get #microphone(): MicrophoneSource | undefined {
    return this.#source instanceof MicrophoneSource ? this.#source : undefined;
  }

  #host(): SourceHost {
    const session = this;
    return {
      stream: this.#stream,
      emit: this.emit,
      get length() {
        return session.length;
      },
      get backlog() {
        return session.backlog;
      },
      started: () => this.#setState("running"),
      finished: (patienceMs) => this.#awaitFinish(patienceMs),
      trouble: (error) => this.emit("error", { error, fatal: false }),
      interrupted: () => void this.pause().catch(() => undefined),
    };
  }

  async #stop(): Promise<void> {
    // A source with an end must learn of it at once; one that is opening is let finish first.
    if (this.#microphone === undefined) await this.#source.stop();
    await this.#turns.over();
    if (this.#state === "stopped") return;
    if (this.#microphone !== undefined) await this.#source.stop();
    else if (this.#state !== "starting") await this.#awaitFinish(0);
    this.#end("stopped");
  }

  #awaitFinish(patienceMs: number): Promise<void> {
    return this.#state === "stopped" ? Promise.resolve() : this.#finish.await(patienceMs);
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#state === "stopped" || this.#stopping !== undefined) {
        throw new ClosedError("The session is over.", "closed");
      }
      await action();
    });
  }

  #fail(error: unknown): void {
    if (this.#state === "stopped") return;
    const told =
      error instanceof VadError
        ? error
        : new DecodeError("The file cannot be read.", "file-undecodable", error);
    // What was said until now was heard: a segment in progress ends here.
    this.#timeline.endPart();
    this.emit("error", { error: told, fatal: true });
    this.#end("failed");
    void this.#source.stop().catch(() => undefined);
  }

  #end(reason: EndDetail["reason"]): void {
    if (this.#state === "stopped") return;
    this.#unwatchDevices?.();
    this.#stream.close();
    this.#setState("stopped");
    this.#finish.come();
    this.emit("end", {
      reason,
      length: this.length,
      lengthSeconds: this.length / this.sampleRate,
    });
    this.endQueues();
  }

  #setState(state: SessionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.emit("statechange", { state });
  }
}
