import { CaptureError } from "../base/errors.js";
import { PROCESSOR } from "./capture-options.js";

/** An audio context with the capture worklet in it, and a microphone's source. */
export interface SourceContext {
  readonly context: AudioContext;
  readonly source: MediaStreamAudioSourceNode;
  /** Lets go of the source, and soon after closes the context, if it was made here. */
  close(): void;
}

/** Chromium never frees a context that is closed before its audio thread has seen the nodes disconnected. */
const PARTING_MS = 200;

/** A module is added once per context: a second registration of the same name would throw. */
const prepared = new WeakMap<BaseAudioContext, Promise<void>>();

/**
 * A context being made ready while the person is still being asked for the microphone: its audio
 * thread starts and the worklet is fetched meanwhile.
 */
export class ContextInTheMaking {
  readonly #context: AudioContext;
  readonly #own: boolean;
  readonly #workletUrl: URL;

  /**
   * @param given used instead of a context of our own, and not closed
   * @param rate asked for where the context is ours, in Hz
   */
  constructor(given: AudioContext | undefined, rate: number, workletUrl: URL) {
    this.#context = given ?? new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    this.#own = given === undefined;
    this.#workletUrl = workletUrl;
    // Told when the stream is there and it is asked for again.
    prepare(this.#context, workletUrl).catch(() => undefined);
  }

  /**
   * Gives the stream a source in the context.
   * @throws CaptureError worklet-failed; the context is then closed
   */
  async open(stream: MediaStream): Promise<SourceContext> {
    const { context, source } = this.#sourceFor(stream);
    const close = () => {
      source.disconnect();
      if (this.#own) setTimeout(() => closeContext(context), PARTING_MS);
    };
    try {
      await prepare(context, this.#workletUrl);
    } catch (error) {
      close();
      throw error;
    }
    return { context, source, close };
  }

  /** There is no stream: nobody needs the context. */
  abandon(): void {
    if (this.#own) closeContext(this.#context);
  }

  #sourceFor(stream: MediaStream): {
    context: AudioContext;
    source: MediaStreamAudioSourceNode;
  } {
    if (!this.#own) return { context: this.#context, source: sourceIn(this.#context, stream) };
    try {
      return { context: this.#context, source: this.#context.createMediaStreamSource(stream) };
    } catch {
      // Firefox takes a microphone only at its own rate.
      this.abandon();
      const context = new AudioContext({ latencyHint: "interactive" });
      return { context, source: sourceIn(context, stream) };
    }
  }
}

function closeContext(context: AudioContext): void {
  context.close().catch(() => undefined);
}

function sourceIn(context: AudioContext, stream: MediaStream): MediaStreamAudioSourceNode {
  try {
    return context.createMediaStreamSource(stream);
  } catch (error) {
    const message =
      "The audio context does not take this stream: in Firefox both must have one sample rate.";
    throw new CaptureError(message, "worklet-failed", error);
  }
}

async function prepare(context: AudioContext, workletUrl: URL): Promise<void> {
  if (context.audioWorklet === undefined) {
    const message =
      "This page has no AudioWorklet; it needs https or localhost, and a current browser.";
    throw new CaptureError(message, "worklet-failed");
  }
  const adding = prepared.get(context) ?? context.audioWorklet.addModule(workletUrl.href);
  prepared.set(context, adding);
  try {
    await adding;
  } catch (error) {
    prepared.delete(context);
    throw new CaptureError(
      `${PROCESSOR} could not be loaded from ${workletUrl.href}.`,
      "worklet-failed",
      error,
    );
  }
}
