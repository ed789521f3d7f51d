import { Resampler } from "../sound/resampler.js";
import type { SourceContext } from "./audio-context.js";
import { type MicrophoneRequest, stopTracks } from "./microphone-request.js";
import { type CaptureCommand, PROCESSOR, workletOptions } from "./worklet-options.js";

/** The model's input format, and the worklet to capture with. */
export interface CaptureTarget {
  /** In Hz. */
  readonly sampleRate: number;
  readonly pulseSamples: number;
  readonly workletUrl: URL;
}

export interface CaptureListener {
  /** The device was unplugged, or its permission revoked. */
  ended(): void;
  /** The browser suspended the audio context, or resumed it. */
  suspendedChanged(isSuspended: boolean): void;
}

/** A context that does not run within this time is reported as suspended. */
const START_TIMEOUT_MS = 1000;

/** An open microphone. The audio thread sends its sound through `port`. */
export class Microphone {
  /** Sample rate of the audio context, in Hz. */
  readonly inputRate: number;
  /** Look-ahead of the resampler, in seconds: results come this much later. */
  readonly filterDelaySeconds: number;
  readonly deviceId: string | undefined;
  /** Receives `CaptureMessage`s; to be transferred to the worker. */
  readonly port: MessagePort;
  readonly #stream: MediaStream;
  readonly #ownsStream: boolean;
  readonly #audio: SourceContext;
  readonly #node: AudioWorkletNode;
  #listener: CaptureListener | undefined;
  #isEnded = false;
  #isSuspended = false;

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
    const [first] = stream.getAudioTracks();
    this.deviceId = first?.getSettings().deviceId;
    const pulseSeconds = target.pulseSamples / target.sampleRate;
    this.#node = new AudioWorkletNode(context, PROCESSOR, {
      numberOfInputs: 1,
      numberOfOutputs: 1,
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions: workletOptions(
        pulseSeconds,
        this.filterDelaySeconds,
        this.inputRate,
        earlySeconds,
      ),
    });
    const { port1, port2 } = new MessageChannel();
    this.port = port2;
    this.#post({ type: "begin", port: port1 }, [port1]);
    source.connect(this.#node);
    // The node outputs silence; some browsers run only nodes connected to the destination.
    this.#node.connect(context.destination);
    for (const track of stream.getAudioTracks()) track.addEventListener("ended", this.#trackEnded);
    context.addEventListener("statechange", this.#stateChanged);
    document.addEventListener("visibilitychange", this.#stateChanged);
    this.#stateChanged();
  }

  /**
   * Starts capturing. Sound waits in `port` until it is read there.
   * @param earlySeconds seconds of sound that may wait for a worker that is not started yet
   * @throws CaptureError; nothing is left open
   */
  static async open(
    request: MicrophoneRequest,
    target: CaptureTarget,
    earlySeconds?: number,
  ): Promise<Microphone> {
    const { stream, audio } = await request.open();
    try {
      return new Microphone(stream, request.ownsStream, audio, target, earlySeconds);
    } catch (error) {
      audio.close();
      if (request.ownsStream) stopTracks(stream);
      throw error;
    }
  }

  /** Reports to `listener` from now on, starting with the current state. */
  setListener(listener: CaptureListener): void {
    this.#listener = listener;
    if (this.#isSuspended) listener.suspendedChanged(true);
    const ended = this.#stream.getAudioTracks().some((track) => track.readyState === "ended");
    if (ended && !this.#isEnded) listener.ended();
  }

  /** Whether the audio thread runs. */
  get running(): boolean {
    return this.#audio.context.state === "running";
  }

  /** Tries to resume a context the browser suspended; call it from a click handler. */
  resume(): void {
    if (!this.#isEnded) this.#audio.context.resume().catch(() => undefined);
  }

  /** Sends the partial block and stops the microphone's tracks. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#post({ type: "end" });
    const { context } = this.#audio;
    for (const track of this.#stream.getAudioTracks())
      track.removeEventListener("ended", this.#trackEnded);
    context.removeEventListener("statechange", this.#stateChanged);
    document.removeEventListener("visibilitychange", this.#stateChanged);
    if (this.#ownsStream) stopTracks(this.#stream);
  }

  /** Closes the audio nodes. Call it after the worker has received the last block. */
  close(): void {
    this.end();
    this.#node.disconnect();
    this.#node.port.close();
    this.#audio.close();
  }

  #post(command: CaptureCommand, transfer: Transferable[] = []): void {
    this.#node.port.postMessage(command, transfer);
  }

  readonly #trackEnded = (): void => this.#listener?.ended();

  readonly #stateChanged = (): void => {
    const { context } = this.#audio;
    if (context.state === "running") {
      this.#setSuspended(false);
      return;
    }
    this.resume();
    setTimeout(() => {
      if (!this.#isEnded && context.state !== "running") this.#setSuspended(true);
    }, START_TIMEOUT_MS);
  };

  #setSuspended(isSuspended: boolean): void {
    if (isSuspended === this.#isSuspended) return;
    this.#isSuspended = isSuspended;
    this.#listener?.suspendedChanged(isSuspended);
  }
}
