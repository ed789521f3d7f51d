import { CaptureError } from "../base/errors.js";
import { PROCESSOR } from "./worklet-options.js";

/** An audio context with the capture worklet loaded, and the stream's source node. */
export interface SourceContext {
  readonly context: AudioContext;
  readonly source: MediaStreamAudioSourceNode;
  /** Disconnects the source; closes the context shortly after, if it was created here. */
  close(): void;
}

/** Chromium never frees a context that is closed before its audio thread has seen the nodes disconnected. */
const CLOSE_DELAY_MS = 200;

/** A module is added once per context: registering the same processor twice throws. */
const loadedWorklets = new WeakMap<BaseAudioContext, Promise<void>>();

/** Starts an audio thread and fetches the worklet while the microphone permission is still pending. */
export class PendingAudioContext {
  readonly #context: AudioContext;
  readonly #isOwned: boolean;
  readonly #workletUrl: URL;

  /**
   * @param given used instead of creating a context; it is not closed
   * @param rate sample rate of a context created here, in Hz
   */
  constructor(given: AudioContext | undefined, rate: number, workletUrl: URL) {
    this.#context = given ?? new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    this.#isOwned = given === undefined;
    this.#workletUrl = workletUrl;
    // Avoids an unhandled rejection; open() awaits the same promise.
    loadWorklet(this.#context, workletUrl).catch(() => undefined);
  }

  /**
   * Creates a source node for the stream.
   * @throws CaptureError worklet-failed; the context is then closed
   */
  async open(stream: MediaStream): Promise<SourceContext> {
    const { context, source } = this.#openSource(stream);
    const close = () => {
      source.disconnect();
      if (this.#isOwned) setTimeout(() => closeContext(context), CLOSE_DELAY_MS);
    };
    try {
      await loadWorklet(context, this.#workletUrl);
    } catch (error) {
      close();
      throw error;
    }
    return { context, source, close };
  }

  /** Closes a context created here: no stream will come. */
  cancel(): void {
    if (this.#isOwned) closeContext(this.#context);
  }

  #openSource(stream: MediaStream): {
    context: AudioContext;
    source: MediaStreamAudioSourceNode;
  } {
    if (!this.#isOwned)
      return { context: this.#context, source: createSource(this.#context, stream) };
    try {
      return { context: this.#context, source: this.#context.createMediaStreamSource(stream) };
    } catch {
      // Firefox accepts a microphone only in a context of the microphone's own sample rate.
      this.cancel();
      const context = new AudioContext({ latencyHint: "interactive" });
      return { context, source: createSource(context, stream) };
    }
  }
}

function closeContext(context: AudioContext): void {
  context.close().catch(() => undefined);
}

function createSource(context: AudioContext, stream: MediaStream): MediaStreamAudioSourceNode {
  try {
    return context.createMediaStreamSource(stream);
  } catch (error) {
    const message =
      "The audio context does not accept this stream. In Firefox both must have the same sample rate.";
    throw new CaptureError(message, "worklet-failed", error);
  }
}

async function loadWorklet(context: AudioContext, workletUrl: URL): Promise<void> {
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
    throw new CaptureError(
      `${PROCESSOR} could not be loaded from ${workletUrl.href}.`,
      "worklet-failed",
      error,
    );
  }
}
