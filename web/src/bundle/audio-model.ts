import { BundleError } from "../base/errors.js";
import type { Bundle } from "./load.js";

/** What is needed to run a pulsed audio model. */
export interface AudioModel {
  /** Path of the pulsed archive. */
  readonly file: string;
  /** In Hz. */
  readonly sampleRate: number;
  /** Samples per run. */
  readonly pulseSamples: number;
  /** Output frames before the one that belongs to the first input frame. */
  readonly delayFrames: number;
  /** Oldest version of tract that runs it. */
  readonly oldestEngine: string;
}

/**
 * Finds the pulsed audio model of a bundle, by its manifest.
 * @throws BundleError not-for-audio
 */
export function audioModel({ manifest, url }: Bundle): AudioModel {
  const { audio } = manifest;
  const [pulse] = manifest.pulses;
  if (audio === undefined || pulse === undefined) {
    const lacks = audio === undefined ? "says nothing of audio" : "has no pulsed form";
    const message = `The bundle ${manifest.id} finds no speech: its manifest ${lacks}.`;
    throw new BundleError(message, "not-for-audio", { file: url("manifest.json").href });
  }
  return {
    file: pulse.file,
    sampleRate: audio.sampleRate,
    pulseSamples: audio.samplesPerPulse,
    delayFrames: pulse.delay,
    oldestEngine: manifest.engine.oldest,
  };
}
