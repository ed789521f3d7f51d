import { anySignal } from "../base/abortable.js";
import { bindMembers } from "../base/bind-members.js";
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
import { Flush } from "./flush.js";
import { Life } from "./life.js";
import { MicrophoneSource } from "./microphone-source.js";
import { ReportHandler } from "./report-handler.js";
import type { Source, SourceHost } from "./source.js";
import type { Timeline, TimelineConfig } from "./timeline.js";

export interface SessionConfig extends TimelineConfig {
  readonly manifest: BundleManifest;
  readonly pulseSamples: number;
}

/** Finds speech in one stream of sound. Created by `Vad.listen` and `Vad.file`. */
export class Session extends SessionEventTarget {
  /** Manifest of the model's bundle. */
  readonly manifest: BundleManifest;
  /** The model's sample rate in Hz, and the clock of every time in this session's events. */
  readonly sampleRate: number;
  /** Samples per probability. */
  readonly frameSamples: number;
  /** Samples per run of the model. */
  readonly pulseSamples: number;
  readonly #record: boolean;
  readonly #handler: ReportHandler;
  readonly #stream: EngineStream;
  readonly #source: Source;
  readonly #flush = new Flush(() => this.#stream.send({ type: "finish" }));
  readonly #life = new Life((state) => this.emit("statechange", { state }));
  #unwatchDevices: (() => void) | undefined;

  /** @internal */
  constructor(engine: EngineClient, config: SessionConfig, source: (host: SourceHost) => Source) {
    super();
    this.manifest = config.manifest;
    this.sampleRate = config.sampleRate;
    this.frameSamples = config.frameSamples;
    this.pulseSamples = config.pulseSamples;
    this.#record = config.record;
    this.#handler = new ReportHandler(config, this.emit);
    this.#stream = engine.open({
      report: (report) => {
        this.#handler.handle(report);
        if (report.type === "finished") this.#flush.resolve();
        if (report.type !== "processed") return;
        this.#source.blockDone?.();
        this.#flush.restartTimer();
      },
      failed: (error) => this.#fail(error),
    });
    this.#source = source(this.#host());
    bindMembers(this);
  }

  /**
   * @internal Resolves when sound flows.
   * @param signal gives up opening, and stops the session later
   */
  async begin(signal?: AbortSignal): Promise<void> {
    const { signal: ending } = this.#life;
    try {
      await this.#life.run(() => this.#source.start(anySignal(signal, ending)));
      signal?.throwIfAborted();
      this.#stopWith(signal);
      this.#unwatchDevices = watchDevices((microphones) => this.emit("devices", { microphones }));
      this.#life.enter("running");
    } catch (error) {
      this.#end("failed");
      throw error;
    }
  }

  /** @internal Runs a file to its end, or until the signal aborts. */
  async runToEnd(signal?: AbortSignal): Promise<void> {
    const { signal: ending } = this.#life;
    this.#stopWith(signal);
    try {
      await this.#source.start(ending);
      this.#end("ended");
    } catch (error) {
      if (!ending.aborted) this.#fail(error);
    }
  }

  get state(): SessionState {
    return this.#life.state;
  }

  /** Samples so far: the current time on the session's clock. */
  get length(): number {
    return this.#timeline.length;
  }

  /** The open segment, which may still turn out to be a misfire; null between segments. */
  get current(): OpenSegment | null {
    return this.#timeline.current;
  }

  get rules(): Rules {
    return this.#timeline.rules;
  }

  get figures(): Figures {
    return this.#handler.figures;
  }

  /** Sample rate of the microphone in Hz; undefined for a file or while paused. */
  get inputRate(): number | undefined {
    return this.#microphone?.microphone?.inputRate;
  }

  /** Delay of the resampler in seconds. Times in events are corrected for it. */
  get filterDelaySeconds(): number {
    return this.#microphone?.microphone?.filterDelaySeconds ?? 0;
  }

  /** The microphone in use; undefined for a file or while paused. */
  get deviceId(): string | undefined {
    return this.#microphone?.microphone?.deviceId;
  }

  /**
   * Changes rules, from the next frame on.
   * @throws OptionError
   */
  setOptions(changes: SegmenterOptions): void {
    this.#timeline.setOptions(changes);
  }

  /** Sound of the open segment so far; null between segments. */
  utterance(): SpeechAudio | null {
    const current = this.current;
    return current && this.#timeline.audio(current.start, this.length);
  }

  /**
   * All sound so far, exactly as the model received it. Lost samples are zeros.
   * @throws OptionError if the session was not opened with `record: true`
   */
  recording(): SpeechAudio {
    if (!this.#record) {
      const message = "Nothing was recorded. Open the session with record: true.";
      throw new OptionError(message, "option-invalid", "record");
    }
    return this.#timeline.audio(0, this.length);
  }

  /** Resets the engine's state to that of a new stream. */
  reset(): void {
    this.#stream.send({ type: "reset" });
  }

  /**
   * Sends `state` events with the engine's state.
   * @param perSecond maximum rate, 0 to 10; 0 turns them off
   */
  watchState(perSecond: number): void {
    this.#stream.send({ type: "watch", perSecond: Math.max(0, Math.min(10, perSecond)) });
  }

  /**
   * Sends a `values` event for each pulse with the values of every node of the model. Pulses take
   * longer meanwhile; none is run twice or skipped.
   */
  watchValues(on: boolean): void {
    this.#stream.send({ type: "trace", on });
  }

  /**
   * Stops the sound. A microphone is turned off, and an open segment ends; a file only waits.
   * @throws ClosedError after the end
   */
  pause(): Promise<void> {
    return this.#life.run(async () => {
      if (this.state !== "running") return;
      this.#life.enter("paused");
      await this.#source.pause();
    });
  }

  /**
   * Continues after a pause, or tries to resume an audio context the browser suspended.
   * @throws CaptureError if the microphone cannot be opened again; the session stays paused
   * @throws ClosedError after the end
   */
  resume(): Promise<void> {
    this.#microphone?.microphone?.resume();
    return this.#life.run(async () => {
      if (this.state !== "paused") return;
      await this.#source.resume(this.#life.signal);
      this.#life.enter("running");
    });
  }

  /**
   * Switches to another microphone. An open segment ends; the clock continues.
   * @throws CaptureError if it cannot be opened; the session is then paused
   * @throws ClosedError after the end, or for a file
   */
  setMicrophone(deviceId: string): Promise<void> {
    return this.#life.run(async () => {
      const source = this.#microphone;
      if (source === undefined) throw new ClosedError("A file has no microphone.", "closed");
      source.selectDevice(deviceId);
      if (this.state !== "running") return;
      await source.pause();
      try {
        await source.start(this.#life.signal);
      } catch (error) {
        this.#life.enter("paused");
        throw error;
      }
    });
  }

  /** Ends the session. Resolves after its last event, `end`. */
  stop(): Promise<void> {
    return this.#life.stop(async () => {
      await this.#source.stop();
      this.#end("stopped");
    });
  }

  get #timeline(): Timeline {
    return this.#handler.timeline;
  }

  get #microphone(): MicrophoneSource | undefined {
    return this.#source instanceof MicrophoneSource ? this.#source : undefined;
  }

  #host(): SourceHost {
    return {
      stream: this.#stream,
      emit: this.emit,
      length: () => this.length,
      backlog: () => this.backlog,
      started: () => this.#life.enter("running"),
      flush: async (idleMs) => {
        if (this.state !== "closed") await this.#flush.wait(idleMs);
      },
      reportError: (error) => this.emit("error", { error, fatal: false }),
      pause: () => void this.pause().catch(() => undefined),
    };
  }

  #stopWith(signal: AbortSignal | undefined): void {
    const options = { once: true, signal: this.#life.signal };
    if (signal?.aborted) void this.stop();
    else signal?.addEventListener("abort", () => void this.stop(), options);
  }

  #fail(error: unknown): void {
    if (this.state === "closed") return;
    const reported =
      error instanceof VadError
        ? error
        : new DecodeError("The file cannot be read.", "file-undecodable", error);
    // The sound until now was processed: an open segment ends here.
    this.#timeline.endPart();
    this.emit("error", { error: reported, fatal: true });
    this.#end("failed");
  }

  #end(reason: EndDetail["reason"]): void {
    if (!this.#life.close()) return;
    this.#unwatchDevices?.();
    this.#stream.close();
    this.#flush.resolve();
    // Only a source that has not been stopped yet has something to release.
    void this.#source.stop().catch(() => undefined);
    const { length } = this;
    this.emit("end", { reason, length, lengthSeconds: length / this.sampleRate });
    this.endQueues();
  }
}
