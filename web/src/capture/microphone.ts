import { Resampler } from "../sound/resampler.js";
import { type Asking, stopTracks } from "./asking.js";
import { type CaptureCommand, captureOptions, PROCESSOR } from "./capture-options.js";
import type { SourceContext } from "./context.js";

/** What the model takes. */
export interface CaptureTarget {
  /** In Hz. */
  readonly sampleRate: number;
  readonly pulseSamples: number;
  readonly workletUrl: URL;
}

export interface CaptureListener {
  /** The device was unplugged, or its permission taken back. */
  ended(): void;
  /** The browser keeps the context from running, or lets it again. */
  suspended(suspended: boolean): void;
}

/** How long a context may take to run before the person is told that it does not. */
const PATIENCE_MS = 1000;

/** A microphone that sends its sound from the audio thread through `port`. */
export class Microphone {
  /** Of the audio context, in Hz. */
  readonly inputRate: number;
  /** What the resampler looks ahead: sound is answered this much later. In seconds. */
  readonly filterDelaySeconds: number;
  readonly deviceId: string | undefined;
  /** Where blocks arrive; to be handed to the worker. */
  readonly port: MessagePort;
  readonly #stream: MediaStream;
  readonly #ownsStream: boolean;
  readonly #audio: SourceContext;
  readonly #node: AudioWorkletNode;
  #listener: CaptureListener | undefined;
  #over = false;
  #suspended = false;

  private constructor(
    stream: MediaStream,
    ownsStream: boolean,
    audio: SourceContext,
    target: CaptureTarget,
    earlySeconds: number | undefined,
  ) {
    const { context, source } = audio;
    this.#stream = stream;
    this.#ownsStream = ownsStream;
    this.#audio = audio;
    this.inputRate = context.sampleRate;
    this.filterDelaySeconds = new Resampler(this.inputRate, target.sampleRate).latencySeconds;
    const [track] = stream.getAudioTracks();
    this.deviceId = track?.getSettings().deviceId;
    const pulseSeconds = target.pulseSamples / target.sampleRate;
    this.#node = new AudioWorkletNode(context, PROCESSOR, {
      numberOfInputs: 1,
      numberOfOutputs: 1,
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions: captureOptions(
        pulseSeconds,
        this.filterDelaySeconds,
        this.inputRate,
        earlySeconds,
      ),
    });
    const { port1, port2 } = new MessageChannel();
    this.port = port2;
    this.#command({ type: "begin", port: port1 }, [port1]);
    source.connect(this.#node);
    // Its output is silence; some browsers run only what leads to the speakers.
    this.#node.connect(context.destination);
    for (const own of stream.getAudioTracks()) own.addEventListener("ended", this.#trackEnded);
    context.addEventListener("statechange", this.#stateChanged);
    document.addEventListener("visibilitychange", this.#stateChanged);
    this.#stateChanged();
  }

  /**
   * Begins to capture what was asked for. Sound waits in `port` until somebody takes it there.
   * @param earlySeconds of it that may wait, where the worker is yet to be started
   * @throws CaptureError; nothing is left open
   */
  static async open(
    asking: Asking,
    target: CaptureTarget,
    earlySeconds?: number,
  ): Promise<Microphone> {
    const { stream, audio } = await asking.answer();
    try {
      return new Microphone(stream, asking.ownsStream, audio, target, earlySeconds);
    } catch (error) {
      audio.close();
      if (asking.ownsStream) stopTracks(stream);
      throw error;
    }
  }

  /** Tells `listener` what happens from now on, and what has happened already. */
  attend(listener: CaptureListener): void {
    this.#listener = listener;
    if (this.#suspended) listener.suspended(true);
    const ended = this.#stream.getAudioTracks().some((track) => track.readyState === "ended");
    if (ended && !this.#over) listener.ended();
  }

  /** Whether the audio thread runs. */
  get running(): boolean {
    return this.#audio.context.state === "running";
  }

  /** Tries to run a context the browser suspended; call it from a click. */
  resume(): void {
    if (!this.#over) this.#audio.context.resume().catch(() => undefined);
  }

  /** Sends what is held back and turns the microphone's light off. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#command({ type: "end" });
    const { context } = this.#audio;
    for (const track of this.#stream.getAudioTracks())
      track.removeEventListener("ended", this.#trackEnded);
    context.removeEventListener("statechange", this.#stateChanged);
    document.removeEventListener("visibilitychange", this.#stateChanged);
    if (this.#ownsStream) stopTracks(this.#stream);
  }

  /** Frees the audio thread's part, once what it sent has arrived. */
  close(): void {
    this.end();
    this.#node.disconnect();
    this.#node.port.close();
    this.#audio.close();
  }

  #command(command: CaptureCommand, transfer: Transferable[] = []): void {
    this.#node.port.postMessage(command, transfer);
  }

  readonly #trackEnded = (): void => this.#listener?.ended();

  readonly #stateChanged = (): void => {
    const { context } = this.#audio;
    if (context.state === "running") {
      this.#tell(false);
      return;
    }
    this.resume();
    setTimeout(() => {
      if (!this.#over && context.state !== "running") this.#tell(true);
    }, PATIENCE_MS);
  };

  #tell(suspended: boolean): void {
    if (suspended === this.#suspended) return;
    this.#suspended = suspended;
    this.#listener?.suspended(suspended);
  }
}
