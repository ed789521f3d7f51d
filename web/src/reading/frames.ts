import type { Window } from "./windows.js";

/** Number of frames for length n: `offset + floor((n + plus) / per)`, with `0 ≤ plus < per`. */
export interface FrameCount {
  readonly offset: number;
  readonly plus: number;
  readonly per: number;
}

/** Frames `from` to `to`, inclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const EVERY: FrameCount = { offset: 0, plus: 0, per: 1 };

/** Frames that a window covers. */
export const reach = ({ kernel, dilation }: Window): number => (kernel - 1) * dilation + 1;

/**
 * Number of frames after these windows. Windows compose, because a floor of a floor is one floor:
 * `floor((floor(n / a) + b) / c) = floor((n + a·b) / (a·c))`.
 */
export function countAfter(windows: readonly Window[]): FrameCount {
  return windows.reduce((count, window) => {
    const eaten = window.before + window.after - reach(window);
    const inner = count.plus + count.per * (count.offset + eaten);
    const per = count.per * window.stride;
    const whole = Math.floor(inner / per);
    return { offset: 1 + whole, plus: inner - whole * per, per };
  }, EVERY);
}

/** Number of frames for a length; 0 if the input is too short. */
export const framesOf = ({ offset, plus, per }: FrameCount, length: number): number =>
  Math.max(0, offset + Math.floor((length + plus) / per));

/** As tract prints it: `-3+(S+3)/4`. */
export function written({ offset, plus, per }: FrameCount, symbol: string): string {
  const sum = plus === 0 ? symbol : `${symbol}+${plus}`;
  const quotient = per === 1 ? symbol : plus === 0 ? `${symbol}/${per}` : `(${sum})/${per}`;
  return offset === 0 ? quotient : `${offset}+${quotient}`;
}

/** Input frames of a window for the output frames `span`. */
export function seenBy(window: Window, { from, to }: Span): Span {
  const first = from * window.stride - window.before;
  return { from: first, to: to * window.stride - window.before + reach(window) - 1 };
}

/** Receptive field of one output frame at each level, input first. */
export function fieldOf(windows: readonly Window[], frame: number): readonly Span[] {
  const spans: Span[] = [{ from: frame, to: frame }];
  for (const window of [...windows].reverse()) {
    spans.unshift(seenBy(window, spans[0] ?? { from: frame, to: frame }));
  }
  return spans;
}

/** Receptive field in input frames. */
export function fieldWidth(windows: readonly Window[]): number {
  const [{ from, to } = { from: 0, to: 0 }] = fieldOf(windows, 0);
  return to - from + 1;
}

/** Input frames from one output frame to the next. */
export const step = (windows: readonly Window[]): number => countAfter(windows).per;

/** Shortest input that gives an output frame. */
export function shortest(windows: readonly Window[]): number {
  const { offset, plus, per } = countAfter(windows);
  return Math.max(1, (1 - offset) * per - plus);
}
