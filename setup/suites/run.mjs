import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { attempt } from "../graph/command.mjs";
import { duration } from "../graph/console.mjs";
import { buildDir } from "../places.mjs";
import { print, sum } from "./counts.mjs";

/**
 * @typedef {object} Suite
 * @property {string} name to choose it by: `npm test -- NAME`
 * @property {string} title
 * @property {readonly string[]} steps of set-up that it needs
 * @property {(context: SuiteContext) => Promise<import("./counts.mjs").Counts>} run
 * @property {"beside" | "alone"} [place] beside: it does not keep the suites that follow waiting,
 *   up to the first that is to run alone; what it prints comes whole, at its end
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
 * Runs suites one after the other, or beside each other where they say so, and prints what each
 * found, then a closing line.
 *
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
    const before = suite.place === "alone" ? [...results.keys()] : (suite.needs ?? []);
    await Promise.all(before.map((name) => results.get(name)));
    const result = runSuite(suite, reports);
    results.set(suite.name, result);
    if (suite.place !== "beside") await result;
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
  const beside = suite.place === "beside";
  console.log(`\n── ${suite.title}${beside ? ", beside what follows" : ""}`);
  /** @type {string[]} */
  const held = [];
  const whole = new Writable({
    write: (text, _, next) => {
      held.push(String(text));
      next();
    },
  });
  const counts = await suite.run({
    report: (name) => join(reports, name),
    attempt: (program, args, options) =>
      attempt(program, args, { log: beside ? whole : process.stdout, ...options }),
  });
  if (held.length > 0) console.log(`\n── ${suite.title}, whole\n${held.join("")}`);
  return { suite, counts, seconds: (performance.now() - began) / 1000 };
}
