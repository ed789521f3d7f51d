/**
 * Times two engines side by side. This file runs in Node and in the page alike.
 *
 * @typedef {import("./contenders.mjs").Contender} Contender
 * @typedef {{ case: string, ours: Summary, theirs: Summary, apart: number }} Measured `apart` is the
 *   largest difference between their probabilities
 * @typedef {{ median: number, p99: number, rounds: number }} Summary in µs, over `rounds` pulses
 */

/** Passes over each case; the two engines take turns in who goes first. */
const passes = 8;

/** Thousands of pulses: browsers compile what is hot again and again, each time better. */
const warmUpPasses = 60;

/**
 * @param {{ ours: Contender, theirs: Contender }} contenders
 * @param {readonly import("./cases.mjs").Case[]} cases the first one also warms up
 * @param {(name: string) => void} [report] called as each begins
 * @returns {Promise<Measured[]>}
 */
export async function measure({ ours, theirs }, cases, report = () => {}) {
  const [first] = cases;
  for (let k = 0; first && k < warmUpPasses; k++) {
    await pass(ours, first);
    await pass(theirs, first);
  }
  const measured = [];
  for (const one of cases) {
    report(one.name);
    /** @type {{ times: number[], outputs: number[] }[][]} */
    const results = [[], []];
    for (let k = 0; k < passes; k++) {
      for (const which of k % 2 === 0 ? [0, 1] : [1, 0]) {
        results[which]?.push(await pass(which === 0 ? ours : theirs, one));
      }
    }
    const [mine = [], peers = []] = results;
    measured.push({
      case: one.name,
      ours: summary(mine.flatMap(({ times }) => times)),
      theirs: summary(peers.flatMap(({ times }) => times)),
      apart: furthest(mine[0]?.outputs ?? [], peers[0]?.outputs ?? []),
    });
  }
  return measured;
}

/** @param {Contender} contender @param {import("./cases.mjs").Case} one */
async function pass(contender, { before, timed }) {
  contender.reset();
  for (const samples of before) await contender.run(samples);
  const times = [];
  const outputs = [];
  for (const samples of timed) {
    const began = performance.now();
    const output = await contender.run(samples);
    times.push((performance.now() - began) * 1000);
    outputs.push(output);
  }
  return { times, outputs };
}

/** @param {number[]} times @returns {Summary} */
function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  /** @param {number} share */
  const at = (share) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99), rounds: times.length };
}

/** @param {number[]} a @param {number[]} b */
const furthest = (a, b) => Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
