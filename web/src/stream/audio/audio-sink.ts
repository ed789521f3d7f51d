import { BundleError } from "../../base/errors.js";
import type { BundleManifest } from "../../bundle/manifest.js";
import type { StreamPort, StreamShape } from "../ports.js";
import type { Frames } from "../pulse-cutter.js";
import type { SoundOutput } from "./audio-node.js";
import type { AudioSink } from "./frame-pusher.js";

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
  const port = stream.inputs.find(
    (each) => each.axis >= 0 && each.dtype === "f32" && size(each.shape) === sound?.pulseSamples,
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

/**
 * The output of a stream that gives as many samples as it takes, in their order.
 * @throws BundleError not-for-audio
 */
export function soundOutput(
  outputs: readonly StreamPort[],
  sound: StreamShape["sound"],
  { id, audio }: BundleManifest,
): SoundOutput {
  if (audio?.output) return audio.output;
  const port = outputs.find(
    ({ axis, dtype, shape }) =>
      axis >= 0 &&
      dtype === "f32" &&
      size(shape) === sound?.pulseSamples &&
      size(shape.slice(0, axis)) === 1,
  );
  if (sound && port) return { name: port.name, sampleRate: sound.sampleRate };
  const message = `The bundle ${id} gives no sound: no output has the samples of a pulse.`;
  throw new BundleError(message, "not-for-audio", { file: "manifest.json", field: "outputs" });
}

function size(shape: readonly number[]): number {
  return shape.reduce((all, each) => all * each, 1);
}
