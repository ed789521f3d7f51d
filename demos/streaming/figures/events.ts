/** Probability of an event in a frame of log-probabilities; class 0 is "no event". */
export const eventOf = (frame: Float32Array): number => 1 - Math.exp(frame[0] ?? 0);

/** Frames at which a curve peaks above a half. */
export function peaks(curve: readonly number[]): readonly number[] {
  return [...curve.keys()].filter((at) => {
    const value = curve[at] ?? 0;
    return value > 0.5 && value >= (curve[at - 1] ?? 0) && value > (curve[at + 1] ?? 0);
  });
}
