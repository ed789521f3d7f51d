import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { attempt } from "../graph/command.mjs";
import { duration } from "../graph/console.mjs";
import { buildDir } from "../paths.mjs";
import { print, sum } from "./counts.mjs";

/**
 * @typedef {object} Suite
 * @property {string} name to choose it by: `npm test -- NAME`
 * @property {string} title
 * @property {readonly string[]} steps of set-up that it needs
 * @property {(context: SuiteContext) => Promise<import("./counts.mjs").Counts>} run
 * @property {"parallel" | "alone"} [schedule] parallel: the suites that follow do not wait for it,
 *   up to the first that runs alone; its output is printed when it ends
 * @property {readonly string[]} [needs] names of suites that end before it begins, where they run
 *
 * @typedef {object} SuiteContext
 * @property {(name: string) => string} report a path for a runner's report, nothing there yet
 * @property {(program: string, args: readonly string[],
 *   options?: import("../graph/command.mjs").CommandOptions) => ReturnType<typeof attempt>} attempt
 *   runs a program, its output shown as it comes
 */

/** @typedef {{ suite: Suite, counts: import("./counts.mjs").Counts, seconds: number }} Result */

/**
 * Runs suites one after the other, or in parallel where their schedule says so, and prints what
 * each found, then a closing line.
 * @param {readonly Suite[]} suites
 * @param {string} [reports] a folder for the runners' reports, emptied first
 * @returns {Promise<number>} an exit code: 0 only if something ran and nothing failed
 */
export async function runSuites(suites, reports = join(buildDir, "reports")) {
  await rm(reports, { recursive: true, force: true });
  await mkdir(reports, { recursive: true });
  /** @type {Map<string, Promise<Result>>} */
  const results = new Map();
  for (const suite of suites) {
    const before = suite.schedule === "alone" ? [...results.keys()] : (suite.needs ?? []);
    const ready = Promise.all(before.map((name) => results.get(name)));
    const result = ready.then(() => runSuite(suite, reports));
    results.set(suite.name, result);
    if (suite.schedule !== "parallel") await result;
  }
  const ended = await Promise.all(results.values());
  const total = sum(ended.map(({ counts }) => counts));
  console.log("\n── All");
  const width = Math.max(...suites.map(({ title }) => title.length));
  for (const { suite, counts, seconds } of ended) {
    const sign = counts.failed === 0 ? "✓" : "✗";
    console.log(`${sign} ${suite.title.padEnd(width)}  ${print(counts)}  (${duration(seconds)})`);
  }
  console.log(print(total));
  // Last, where it is seen first, and where a log cut to its end still has it.
  for (const { suite, counts } of ended) {
    for (const line of counts.failures ?? []) console.log(`${suite.name}: ${line}`);
  }
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** @param {Suite} suite @param {string} reports @returns {Promise<Result>} */
async function runSuite(suite, reports) {
  const began = performance.now();
  const parallel = suite.schedule === "parallel";
  console.log(`\n── ${suite.title}${parallel ? ", in parallel with what follows" : ""}`);
  const output = new PassThrough();
  const held = text(output);
  const counts = await suite.run({
    report: (name) => join(reports, name),
    attempt: (program, args, options) =>
      attempt(program, args, { log: parallel ? output : process.stdout, ...options }),
  });
  output.end();
  if (parallel) console.log(`\n── ${suite.title}: output\n${await held}`);
  return { suite, counts, seconds: (performance.now() - began) / 1000 };
}
