import { CaptureError } from "../errors.js";
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
 * Gives a stream a source in a context that can run the capture worklet.
 * @param given used instead of a context of our own, and not closed
 * @param rate asked for where the context is ours, in Hz
 * @throws CaptureError worklet-failed
 */
export async function openContext(
  stream: MediaStream,
  given: AudioContext | undefined,
  rate: number,
  workletUrl: URL,
): Promise<SourceContext> {
  const own = given === undefined;
  const { context, source } = own
    ? ownContext(stream, rate)
    : { context: given, source: sourceIn(given, stream) };
  const close = () => {
    source.disconnect();
    if (own) setTimeout(() => void context.close().catch(() => undefined), PARTING_MS);
  };
  try {
    await prepare(context, workletUrl);
  } catch (error) {
    close();
    throw error;
  }
  return { context, source, close };
}

function ownContext(
  stream: MediaStream,
  sampleRate: number,
): { context: AudioContext; source: MediaStreamAudioSourceNode } {
  const asked = new AudioContext({ sampleRate, latencyHint: "interactive" });
  try {
    return { context: asked, source: asked.createMediaStreamSource(stream) };
  } catch {
    // Firefox takes a microphone only at its own rate.
    void asked.close();
    const context = new AudioContext({ latencyHint: "interactive" });
    return { context, source: sourceIn(context, stream) };
  }
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
