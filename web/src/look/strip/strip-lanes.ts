import type { StreamRecord } from "./stream-record.js";

/** A record, and the strip's time in seconds at which it begins. */
export interface Placed {
  readonly record: StreamRecord;
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
  /** Playback position, in the strip's time. */
  readonly cursor: number | undefined;
}

/** Position of *now*, as a share of the width. */
export const nowShare = 0.85;

/** Height above the waveform for the bands' labels. */
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
