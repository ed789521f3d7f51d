/**
 * Numbers between -largest and largest, the same for the same seed: a linear congruential generator,
 * its constants from Numerical Recipes.
 */
export function noise(length: number, seed: number, largest = 1): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return largest * (state / 2 ** 31 - 1);
  });
}
