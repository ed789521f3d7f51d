import type { Sum } from "./sums.ts";

/** As the recipe splits: a seed, all sums of two numbers below `BELOW`, the first of them kept. */
const SEED = 1;
const BELOW = 100;

/**
 * The sums the recipe kept from training: the first `count` of all, in the order that PyTorch's
 * `randperm` gives them from the recipe's seed.
 */
export function heldOut(count: number): readonly Sum[] {
  const order = Array.from({ length: BELOW * BELOW }, (_, at) => at);
  const draw = mersenneTwister(SEED);
  for (let at = 0; at < count; at++) {
    const other = at + (draw() % (order.length - at));
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  return order.slice(0, count).map((at) => ({ a: Math.floor(at / BELOW), b: at % BELOW }));
}

/**
 * MT19937, 32 bits a draw (Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8, 1998, with
 * the initialisation of 2002), which PyTorch's generator is.
 */
function mersenneTwister(seed: number): () => number {
  const [length, middle] = [624, 397];
  const state = new Uint32Array(length);
  state[0] = seed;
  for (let at = 1; at < length; at++) {
    const before = state[at - 1] ?? 0;
    state[at] = Math.imul(1812433253, before ^ (before >>> 30)) + at;
  }
  let next = length;
  const of = (at: number) => state[at % length] ?? 0;
  const renew = () => {
    for (let at = 0; at < length; at++) {
      const joined = (of(at) & 0x80000000) | (of(at + 1) & 0x7fffffff);
      state[at] = of(at + middle) ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    next = 0;
  };
  return () => {
    if (next === length) renew();
    let drawn = of(next++);
    drawn ^= drawn >>> 11;
    drawn ^= (drawn << 7) & 0x9d2c5680;
    drawn ^= (drawn << 15) & 0xefc60000;
    return (drawn ^ (drawn >>> 18)) >>> 0;
  };
}
