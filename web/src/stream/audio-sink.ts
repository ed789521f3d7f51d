import { BundleError } from "../base/errors.js";
import type { BundleManifest } from "../bundle/manifest.js";
import type { AudioSink } from "./audio-feed.js";
import type { StreamPort, StreamShape } from "./ports.js";
import type { Frames } from "./pulse-cutter.js";

/** What sound goes into. */
interface SoundStream {
  readonly inputs: readonly StreamPort[];
  readonly closing: AbortSignal;
  push(frames: Frames): Promise<void>;
  count(change: { readonly dropped?: number; readonly replaced?: number }): void;
  fail(error: unknown): void;
}

/**
 * The input of a stream that takes sound.
 * @throws BundleError not-for-audio
 */
export function audioSink(
  stream: SoundStream,
  sound: StreamShape["sound"],
  { manifest, workletUrl }: { readonly manifest: BundleManifest; readonly workletUrl: URL },
): Omit<AudioSink, "flush"> {
  const size = (port: StreamPort) => port.shape.reduce((all, each) => all * each, 1);
  const port = stream.inputs.find(
    (each) => each.axis >= 0 && each.dtype === "f32" && size(each) === sound?.pulseSamples,
  );
  if (sound === undefined || port === undefined) {
    const lacks = sound === undefined ? "manifest says nothing of audio" : "inputs take no samples";
    const message = `The bundle ${manifest.id} takes no sound: its ${lacks}.`;
    throw new BundleError(message, "not-for-audio", { file: "manifest.json", field: "audio" });
  }
  return {
    ...sound,
    frameSamples: sound.pulseSamples / port.framesPerPulse,
    workletUrl,
    closing: stream.closing,
    push: (samples) => stream.push({ [port.name]: samples }),
    count: (change) => stream.count(change),
    fail: (error) => stream.fail(error),
  };
}
