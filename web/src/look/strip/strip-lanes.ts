import type { Take } from "./take.js";

/** A take and the second of the strip's time at which it begins. */
export interface Placed {
  readonly take: Take;
  readonly origin: number;
}

export interface View {
  readonly width: number;
  readonly height: number;
  /** Seconds from the left to the right edge. */
  readonly seconds: number;
  /** The strip's time at the *now* line. */
  readonly now: number;
  readonly live: boolean;
  /** Where sound is being played back, in the strip's time. */
  readonly cursor: number | undefined;
}

/** Where *now* stands, as a share of the width. */
export const nowShare = 0.85;

/** Room above the waveform for the bands' labels. */
export const tagHeight = 20;

/** Vertical parts of the strip in CSS pixels, for a strip of `height`. */
export function lanes(height: number) {
  const head = height >= 200 ? 40 : 8;
  const foot = height >= 140 ? 24 : 8;
  const split = Math.round(head + (height - head - foot) * 0.46);
  return {
    sound: {
      top: head,
      bottom: split - 4,
      middle: Math.round((head + tagHeight + split - 4) / 2),
      reach: Math.floor((split - 4 - head - tagHeight) / 2),
    },
    probability: { top: split + 8, bottom: height - foot },
  } as const;
}
