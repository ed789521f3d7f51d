/**
 * Times two engines side by side. This file runs in Node and in the page alike.
 *
 * @typedef {{ case: string, ours: Summary, theirs: Summary | null, apart: number, tolerance: number }} Measured
 *   `apart` is the largest difference between their outputs, `tolerance` what it may be
 * @typedef {{ median: number, p99: number, rounds: number }} Summary in µs, over `rounds` steps
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

/** Passes over each case; the two engines take turns in who goes first. */
const passes = 8;

/** Browsers compile what is hot again and again, each time better (ms). */
const warmUp = 4000;

const usualTolerance = 1e-3;

/**
 * Runs a case until neither engine gets any faster by it.
 *
 * @template Item
 * @param {readonly (Contender<Item> | undefined)[]} contenders
 * @param {Case<Item>} one
 */
export async function warm(contenders, one) {
  const began = performance.now();
  do {
    for (const contender of contenders) if (contender) await pass(contender, one);
  } while (performance.now() - began < warmUp);
}

/**
 * @template Item
 * @param {Contender<Item>} ours
 * @param {Contender<Item> | undefined} theirs
 * @param {Case<Item>} one
 * @returns {Promise<Measured>}
 */
export async function measure(ours, theirs, one) {
  /** @type {Pass[]} */
  const mine = [];
  /** @type {Pass[]} */
  const peers = [];
  for (let k = 0; k < passes; k++) {
    if (theirs && k % 2 === 1) peers.push(await pass(theirs, one));
    mine.push(await pass(ours, one));
    if (theirs && k % 2 === 0) peers.push(await pass(theirs, one));
  }
  return {
    case: one.name,
    ours: summary(mine),
    theirs: theirs ? summary(peers) : null,
    apart: theirs ? furthest(mine[0]?.outputs ?? [], peers[0]?.outputs ?? []) : 0,
    tolerance: one.tolerance ?? usualTolerance,
  };
}

/** @typedef {{ times: number[], outputs: number[] }} Pass */

/**
 * @template Item
 * @param {Contender<Item>} contender
 * @param {Case<Item>} one
 * @returns {Promise<Pass>}
 */
async function pass(contender, { before, timed }) {
  contender.reset();
  for (const item of before) await contender.run(item);
  const times = [];
  const outputs = [];
  for (const item of timed) {
    const began = performance.now();
    const output = await contender.run(item);
    times.push((performance.now() - began) * 1000);
    if (typeof output === "number") outputs.push(output);
    else for (let i = 0; i < output.length; i++) outputs.push(/** @type {number} */ (output[i]));
  }
  return { times, outputs };
}

/** @param {Pass[]} all @returns {Summary} */
function summary(all) {
  const sorted = all.flatMap(({ times }) => times).sort((a, b) => a - b);
  /** @param {number} share */
  const at = (share) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99), rounds: sorted.length };
}

/** @param {number[]} a @param {number[]} b */
function furthest(a, b) {
  let most = a.length === b.length ? 0 : Number.NaN;
  for (const [i, value] of a.entries()) most = Math.max(most, Math.abs(value - Number(b[i])));
  return most;
}
