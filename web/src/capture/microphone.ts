import { abortable } from "../base/abortable.js";
import { CaptureError } from "../base/errors.js";
import { Resampler } from "../sound/resampler.js";
import { SourceContext } from "./audio-context.js";
import { type MicrophoneOptions, openMicrophone, stopTracks } from "./devices.js";
import { type CaptureCommand, PROCESSOR, workletOptions } from "./worklet-options.js";

export interface CaptureRequest extends MicrophoneOptions {
  /** Used instead of a microphone; its tracks are not stopped. */
  readonly stream?: MediaStream | undefined;
  /** Used instead of creating one; it is not closed. */
  readonly audioContext?: AudioContext | undefined;
}

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

/** How often the audio clock is checked. */
const CHECK_MS = 1000;
/** Checks in a row at which the clock of a running context may stand still. */
const MAX_STILL_CHECKS = 2;

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
  #lastTime = Number.NaN;
  #stillChecks = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    stream: MediaStream,
    ownsStream: boolean,
    audio: SourceContext,
    source: MediaStreamAudioSourceNode,
    target: CaptureTarget,
    earlySeconds: number | undefined,
  ) {
    const { context } = audio;
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
    document.addEventListener("visibilitychange", this.#resume);
    this.#stateChanged();
    this.#timer = setTimeout(this.#checkClock, CHECK_MS);
  }

  /**
   * Starts capturing. Sound waits in `port` until it is read there.
   * @param earlySeconds seconds of sound that may wait for a worker that is not started yet
   * @throws CaptureError, or the signal's reason; nothing is left open, a microphone allowed later included
   */
  static async open(
    request: CaptureRequest,
    target: CaptureTarget,
    { signal, earlySeconds }: { signal?: AbortSignal; earlySeconds?: number } = {},
  ): Promise<Microphone> {
    const ownsStream = request.stream === undefined;
    // Requested first: creating a page's first AudioContext blocks the page for a while.
    const opening = request.stream
      ? Promise.resolve(request.stream)
      : openMicrophone(request, signal);
    let audio: SourceContext | undefined;
    try {
      audio = new SourceContext(request.audioContext, target.sampleRate, target.workletUrl);
      const stream = await opening;
      if (stream.getAudioTracks().length === 0) {
        const message = "The stream has no sound: it needs an audio track.";
        throw new CaptureError(message, "no-audio-track");
      }
      const source = await abortable(audio.connect(stream), signal);
      return new Microphone(stream, ownsStream, audio, source, target, earlySeconds);
    } catch (error) {
      audio?.close();
      opening.then((stream) => ownsStream && stopTracks(stream)).catch(() => undefined);
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
    return this.#audio.context.state === "running" && !this.#isSuspended;
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
    document.removeEventListener("visibilitychange", this.#resume);
    clearTimeout(this.#timer);
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

  readonly #resume = (): void => this.resume();

  readonly #stateChanged = (): void => {
    const { state } = this.#audio.context;
    if (state === "running") {
      this.#stillChecks = 0;
      this.#setSuspended(false);
    }
    // iOS answers a context that is resumed during a call by interrupting it again.
    else if (state === "suspended") this.resume();
  };

  /** Some browsers report a context as running while its clock stands still. */
  readonly #checkClock = (): void => {
    const { state, currentTime } = this.#audio.context;
    const isRunning = state === "running";
    this.#stillChecks = isRunning && currentTime !== this.#lastTime ? 0 : this.#stillChecks + 1;
    this.#lastTime = currentTime;
    this.#setSuspended(this.#stillChecks >= (isRunning ? MAX_STILL_CHECKS : 1));
    this.#timer = setTimeout(this.#checkClock, CHECK_MS);
  };

  #setSuspended(isSuspended: boolean): void {
    if (isSuspended === this.#isSuspended) return;
    this.#isSuspended = isSuspended;
    this.#listener?.suspendedChanged(isSuspended);
  }
}
