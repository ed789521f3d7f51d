/** The name the worklet registers its processor by. */
export const PROCESSOR = "nnef-pulse-capture";

/** Seconds of sound that may be on their way to the worker before more is lost. */
const QUEUE_SECONDS = 4;
/** The same while the engine is not there yet: a download is waited for longer than a pulse. */
export const EARLY_SECONDS = 30;
/** Web Audio hands out sound in quanta of this many samples, at least by default. */
const QUANTUM = 128;

/** Page to audio thread. */
export type CaptureCommand =
  | { readonly type: "begin"; readonly port: MessagePort }
  /** Send what is held back and end. */
  | { readonly type: "end" };

export interface CaptureOptions {
  /** Samples between the ends of two pulses; a fraction where the rates do not divide. */
  readonly every: number;
  /** Samples the resampler needs beyond a pulse before it can give its last sample. */
  readonly first: number;
  /** Samples a buffer holds. */
  readonly capacity: number;
  /** Buffers that go round between the audio thread and the worker. */
  readonly buffers: number;
  /** Further ones, for sound that comes before the engine: they go round once. */
  readonly early: number;
}

/**
 * @param pulseSeconds what one run of the model takes
 * @param latencySeconds what the resampler looks ahead
 * @param contextRate of the audio context, in Hz
 * @param earlySeconds of sound to be kept until the worker takes it for the first time
 */
export function captureOptions(
  pulseSeconds: number,
  latencySeconds: number,
  contextRate: number,
  earlySeconds = 0,
): CaptureOptions {
  const every = pulseSeconds * contextRate;
  const first = Math.ceil(latencySeconds * contextRate);
  const quanta = Math.ceil((every + first) / QUANTUM) + 1;
  const buffers = Math.max(4, Math.ceil(QUEUE_SECONDS / pulseSeconds));
  return {
    every,
    first,
    capacity: quanta * QUANTUM,
    buffers,
    early: Math.max(0, Math.ceil(earlySeconds / pulseSeconds) - buffers),
  };
}
