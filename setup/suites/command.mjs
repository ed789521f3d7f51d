import { runCommand, setUp } from "../set-up.mjs";
import { bundles } from "./bundles.mjs";
import { runSuites } from "./run.mjs";

/** @typedef {import("./run.mjs").Suite} Suite */

/**
 * Runs the suites named on the command line, or all of them, after the steps they need and no
 * others.
 * @param {readonly Suite[]} all @param {() => void} [after] called once they have run
 */
export const runChosen = (all, after) =>
  runCommand(async () => {
    const suites = chooseSuites(all, process.argv.slice(2));
    const withBundles = suites.some(({ needs = [] }) => needs.includes("bundles"));
    const steps = [...new Set(suites.flatMap((suite) => suite.steps))];
    const made = await setUp(steps, withBundles ? bundles : undefined);
    const code = await runSuites(made ? [made, ...suites] : suites);
    after?.();
    return code;
  });

/** @param {readonly Suite[]} suites @param {readonly string[]} names none for all of them */
export function chooseSuites(suites, names) {
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    const known = suites.map(({ name }) => name).join(", ");
    throw new Error(`unknown suite "${unknown}"; the suites are ${known}`);
  }
  return names.length === 0 ? suites : suites.filter(({ name }) => names.includes(name));
}
