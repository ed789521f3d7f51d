/** How sure a frame is that an event lies in it: class 0 of the log-probabilities means none. */
export const eventOf = (frame: Float32Array): number => 1 - Math.exp(frame[0] ?? 0);

/** Frames at which a curve peaks above a half. */
export function peaks(curve: readonly number[]): readonly number[] {
  return [...curve.keys()].filter((at) => {
    const value = curve[at] ?? 0;
    return value > 0.5 && value >= (curve[at - 1] ?? 0) && value > (curve[at + 1] ?? 0);
  });
}
