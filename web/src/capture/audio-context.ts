import { assetsHint } from "../base/assets.js";
import { CaptureError } from "../base/errors.js";

/** Chromium never frees a context that is closed before its audio thread has seen the nodes disconnected. */
const CLOSE_DELAY_MS = 200;

/** A module is added once per context: registering the same processor twice throws. */
const loadedWorklets = new WeakMap<BaseAudioContext, Promise<void>>();

/**
 * An audio context for one stream. Its audio thread starts, and the worklet is fetched, while the
 * microphone permission is still pending.
 */
export class SourceContext {
  readonly #isOwned: boolean;
  readonly #workletUrl: URL;
  #context: AudioContext;
  #source: MediaStreamAudioSourceNode | undefined;

  /**
   * @param given used instead of creating a context; it is not closed
   * @param rate sample rate of a context created here, in Hz
   * @throws CaptureError worklet-failed
   */
  constructor(given: AudioContext | undefined, rate: number, workletUrl: URL) {
    this.#isOwned = given === undefined;
    this.#context = given ?? newContext({ sampleRate: rate });
    this.#workletUrl = workletUrl;
    // Avoids an unhandled rejection; connect() awaits the same promise.
    loadWorklet(this.#context, workletUrl).catch(() => undefined);
  }

  get context(): AudioContext {
    return this.#context;
  }

  /**
   * Creates a source node for the stream, and loads the worklet.
   * @throws CaptureError worklet-failed; close the context then
   */
  async connect(stream: MediaStream): Promise<MediaStreamAudioSourceNode> {
    const source = this.#createSource(stream);
    this.#source = source;
    await loadWorklet(this.#context, this.#workletUrl);
    return source;
  }

  /** Disconnects the source; closes a context created here, shortly after. Calling it again has no effect. */
  close(): void {
    this.#source?.disconnect();
    if (!this.#isOwned) return;
    const context = this.#context;
    setTimeout(() => context.close().catch(() => undefined), this.#source ? CLOSE_DELAY_MS : 0);
  }

  #createSource(stream: MediaStream): MediaStreamAudioSourceNode {
    try {
      return this.#context.createMediaStreamSource(stream);
    } catch (error) {
      if (!this.#isOwned) throw refused(error);
    }
    // Firefox accepts a microphone only in a context of the microphone's own sample rate.
    this.close();
    this.#context = newContext({});
    try {
      return this.#context.createMediaStreamSource(stream);
    } catch (error) {
      throw refused(error);
    }
  }
}

function newContext(options: AudioContextOptions): AudioContext {
  try {
    return new AudioContext({ ...options, latencyHint: "interactive" });
  } catch (error) {
    const message = "The browser could not create an audio context.";
    throw new CaptureError(message, "worklet-failed", error);
  }
}

function refused(error: unknown): CaptureError {
  const message =
    "The audio context does not accept this stream. In Firefox both must have the same sample rate.";
  return new CaptureError(message, "worklet-failed", error);
}

/** @throws CaptureError worklet-failed */
export async function loadWorklet(context: BaseAudioContext, workletUrl: URL): Promise<void> {
  if (context.audioWorklet === undefined) {
    const message =
      "This page cannot use AudioWorklet. It needs https or localhost, and a current browser.";
    throw new CaptureError(message, "worklet-failed");
  }
  const loading = loadedWorklets.get(context) ?? context.audioWorklet.addModule(workletUrl.href);
  loadedWorklets.set(context, loading);
  try {
    await loading;
  } catch (error) {
    loadedWorklets.delete(context);
    const message = `${workletUrl.href} could not be loaded. ${assetsHint}`;
    throw new CaptureError(message, "worklet-failed", error);
  }
}
