/** Name under which the worklet registers its processor. */
export const PROCESSOR = "nnef-pulse-capture";

/** Seconds of sound that may wait for the worker; sound beyond this is lost. */
const QUEUE_SECONDS = 4;
/** The same while the engine is still loading: a download takes longer than a pulse. */
export const EARLY_SECONDS = 30;
/** Web Audio's default render quantum, in samples. */
const QUANTUM = 128;

/** Page to audio thread. */
export type CaptureCommand =
  | { readonly type: "begin"; readonly port: MessagePort }
  | { readonly type: "play"; readonly samples: Float32Array<ArrayBuffer> }
  /** Send the partial block, then end. */
  | { readonly type: "end" };

export interface WorkletOptions {
  /** Samples between the ends of two pulses; a fraction where the rates do not divide. */
  readonly pulseInterval: number;
  /** Samples the resampler needs beyond a pulse before it can give its last sample. */
  readonly lookAhead: number;
  /** Samples in one buffer. */
  readonly capacity: number;
  /** Buffers that circulate between the audio thread and the worker. */
  readonly buffers: number;
  /** Further buffers, for sound captured before the engine is ready; each is used once. */
  readonly earlyBuffers: number;
  /** For a node that also plays: samples to gather before it does. */
  readonly playbackLead?: number;
}

/**
 * @param pulseSeconds length of one pulse
 * @param latencySeconds the resampler's look-ahead
 * @param contextRate sample rate of the audio context, in Hz
 * @param earlySeconds seconds of sound to keep until the worker first reads
 */
export function workletOptions(
  pulseSeconds: number,
  latencySeconds: number,
  contextRate: number,
  earlySeconds = 0,
): WorkletOptions {
  const pulseInterval = pulseSeconds * contextRate;
  const lookAhead = Math.ceil(latencySeconds * contextRate);
  const quanta = Math.ceil((pulseInterval + lookAhead) / QUANTUM) + 1;
  const buffers = Math.max(4, Math.ceil(QUEUE_SECONDS / pulseSeconds));
  return {
    pulseInterval,
    lookAhead,
    capacity: quanta * QUANTUM,
    buffers,
    earlyBuffers: Math.max(0, Math.ceil(earlySeconds / pulseSeconds) - buffers),
  };
}
