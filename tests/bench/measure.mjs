/**
 * Times two engines side by side. This file runs in Node and in the page alike.
 *
 * @typedef {{ case: string, ours: Summary, theirs: Summary | null, ratio: number, apart: number, tolerance: number }} Measured
 *   `ratio` is ours over theirs in two turns that follow each other, the median of all: a machine may
 *   be twice as fast from one second to another; NaN without a peer. `apart` is the largest
 *   difference between their outputs, `tolerance` what it may be
 * @typedef {{ median: number, p99: number, rounds: number, batch: number }} Summary µs per step, over
 *   `rounds` readings of the clock, each of `batch` steps
 * @typedef {{ batch: number, passes: number }} Reading how the clock is read: steps at once, and passes
 *   over each case; the two engines take turns in who goes first
 */

/**
 * @template Item
 * @typedef {import("./contenders.mjs").Contender<Item>} Contender
 */

/**
 * @template Item
 * @typedef {object} Case
 * @property {string} name
 * @property {Item[]} before steps that bring the state to where timing begins
 * @property {Item[]} timed
 * @property {number} [tolerance] how far apart the two may be; engines on the same weights must
 *   agree, or their times say nothing
 */

const usualTolerance = 1e-3;

/**
 * Steps at the start of a turn that are not timed: the other engine has just had the caches, and the first step after it
 * takes three or four times as long, which nobody meets who runs one engine.
 */
const settling = 4;

/**
 * Runs a case until neither engine gets any faster by it: browsers compile what is hot again and
 * again, each time better.
 *
 * @template Item
 * @param {readonly (Contender<Item> | undefined)[]} contenders
 * @param {Case<Item>} one
 * @param {number} ms
 */
export async function warm(contenders, one, ms) {
  const began = performance.now();
  do {
    for (const contender of contenders) if (contender) await pass(contender, one, 1);
  } while (performance.now() - began < ms);
}

/**
 * @template Item
 * @param {Contender<Item>} ours
 * @param {Contender<Item> | undefined} theirs
 * @param {Case<Item>} one
 * @param {Reading} reading
 * @returns {Promise<Measured>}
 */
export async function measure(ours, theirs, one, { batch, passes }) {
  /** @type {Pass[]} */
  const mine = [];
  /** @type {Pass[]} */
  const peers = [];
  for (let k = 0; k < passes; k++) {
    if (theirs && k % 2 === 1) peers.push(await pass(theirs, one, batch));
    mine.push(await pass(ours, one, batch));
    if (theirs && k % 2 === 0) peers.push(await pass(theirs, one, batch));
  }
  return {
    case: one.name,
    ours: summary(mine, batch),
    theirs: theirs ? summary(peers, batch) : null,
    ratio: median(peers.map((pass, k) => median(mine[k]?.times ?? []) / median(pass.times))),
    apart: theirs ? furthest(mine[0]?.outputs ?? [], peers[0]?.outputs ?? []) : 0,
    tolerance: one.tolerance ?? usualTolerance,
  };
}

/** @typedef {{ times: number[], outputs: number[] }} Pass */

/**
 * @template Item
 * @param {Contender<Item>} contender
 * @param {Case<Item>} one
 * @param {number} batch
 * @returns {Promise<Pass>}
 */
async function pass(contender, { before, timed }, batch) {
  for (const item of timed.slice(0, settling)) await contender.run(item);
  contender.reset();
  for (const item of before) await contender.run(item);
  const times = [];
  const outputs = [];
  for (let at = 0; at < timed.length; at += batch) {
    const items = timed.slice(at, at + batch);
    /** @type {import("./contenders.mjs").Output[]} */
    const made = [];
    const began = performance.now();
    for (const item of items) made.push(await contender.run(item));
    times.push(((performance.now() - began) * 1000) / items.length);
    for (const output of made) {
      if (typeof output === "number") outputs.push(output);
      else for (let i = 0; i < output.length; i++) outputs.push(/** @type {number} */ (output[i]));
    }
  }
  return { times, outputs };
}

/** @param {Pass[]} all @param {number} batch @returns {Summary} */
function summary(all, batch) {
  const times = all.flatMap(({ times }) => times);
  return { median: median(times), p99: quantile(times, 0.99), rounds: times.length, batch };
}

/** @param {readonly number[]} values */
export const median = (values) => quantile(values, 0.5);

/** @param {readonly number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** @param {number[]} a @param {number[]} b */
function furthest(a, b) {
  let most = a.length === b.length ? 0 : Number.NaN;
  for (const [i, value] of a.entries()) most = Math.max(most, Math.abs(value - Number(b[i])));
  return most;
}
