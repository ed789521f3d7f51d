import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { attempt } from "../graph/command.mjs";
import { duration } from "../graph/console.mjs";
import { buildDir } from "../places.mjs";
import { print, sum } from "./counts.mjs";

/**
 * @typedef {object} Suite
 * @property {string} name to choose it by: `npm test -- NAME`
 * @property {string} title
 * @property {(context: SuiteContext) => Promise<import("./counts.mjs").Counts>} run
 * @property {"beside" | "alone"} [place] beside: it starts first and goes on beside the suites that
 *   follow, up to the first that is to run alone
 *
 * @typedef {object} SuiteContext
 * @property {(name: string) => string} report a path for a runner's report, nothing there yet
 * @property {(program: string, args: readonly string[],
 *   options?: import("../graph/command.mjs").CommandOptions) => ReturnType<typeof attempt>} attempt
 *   runs a program, its output shown as it comes
 */

/** @typedef {{ suite: Suite, counts: import("./counts.mjs").Counts, seconds: number }} Result */

/**
 * Runs suites one after the other, or beside each other where they say so, and prints what each
 * found, then a closing line.
 *
 * @param {readonly Suite[]} suites
 * @returns {Promise<number>} an exit code: 0 only if something ran and nothing failed
 */
export async function runSuites(suites) {
  const reports = join(buildDir, "reports");
  await rm(reports, { recursive: true, force: true });
  await mkdir(reports, { recursive: true });
  /** @type {Promise<Result>[]} */
  const results = [];
  for (const suite of suites) {
    if (suite.place === "alone") await Promise.all(results);
    const result = runSuite(suite, reports);
    results.push(result);
    if (suite.place !== "beside") await result;
  }
  const ended = await Promise.all(results);
  const total = sum(ended.map(({ counts }) => counts));
  console.log("\n── All");
  const width = Math.max(...suites.map(({ title }) => title.length));
  for (const { suite, counts, seconds } of ended) {
    const sign = counts.failed === 0 ? "✓" : "✗";
    console.log(`${sign} ${suite.title.padEnd(width)}  ${print(counts)}  (${duration(seconds)})`);
  }
  console.log(print(total));
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** @param {Suite} suite @param {string} reports @returns {Promise<Result>} */
async function runSuite(suite, reports) {
  console.log(`\n── ${suite.title}`);
  const began = performance.now();
  const counts = await suite.run({
    report: (name) => join(reports, name),
    attempt: (program, args, options) =>
      attempt(program, args, { log: process.stdout, ...options }),
  });
  return { suite, counts, seconds: (performance.now() - began) / 1000 };
}
