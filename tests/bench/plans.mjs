/**
 * What is timed where.
 *
 * @typedef {object} Plan
 * @property {number} batch steps the clock is read over at once
 * @property {number} passes over each case
 * @property {number} warmUp before the first, in ms
 * @property {readonly number[]} decades of noise Silero is fed: 3 is an amplitude of 1e-3
 * @property {readonly number[]} streams how many Silero has in one page
 * @property {readonly string[]} models names of `models.py`
 */

/** @typedef {import("./rows.mjs").Runner} Runner */

/** The least decade at which float32 noise is still not all zeros is far below any sound. */
const leastDecade = 40;

/** @param {readonly string[]} models @returns {Plan} */
const everything = (models) => ({
  batch: 1,
  passes: 8,
  warmUp: 4000,
  decades: Array.from({ length: leastDecade + 1 }, (_, k) => k),
  streams: [1, 2, 4, 8, 16, 32],
  models,
});

/**
 * The clocks of Firefox and WebKitGTK step by a good part of a pulse, or more; and they compile in
 * the background for long.
 */
const silero = {
  batch: 64,
  passes: 100,
  warmUp: 15_000,
  decades: [0, 20, leastDecade],
  streams: [],
  models: [],
};

/** @param {Runner} runner @param {readonly string[]} models those there are @returns {Plan} */
export const planOf = (runner, models) =>
  runner === "firefox" || runner === "webkit" ? silero : everything(models);
