/**
 * `npm run test:consumers [-- NAME…]`: the tarballs of `npm run pack`, used in each environment that the
 * documents name, each in a fresh folder. `--write` puts the result into the documents' table.
 */
import { CommandError } from "../../setup/graph/command.mjs";
import { duration } from "../../setup/graph/console.mjs";
import { runCommand } from "../../setup/set-up.mjs";
import { Project, tarballs } from "./project.mjs";
import { bundlerSteps } from "./steps/bundlers.mjs";
import { nextSteps } from "./steps/next.mjs";
import { nodeSteps } from "./steps/node.mjs";
import { typeSteps } from "./steps/types.mjs";
import { viteSteps } from "./steps/vite.mjs";
import { writeTable } from "./table.mjs";

/**
 * @typedef {object} Step
 * @property {string} name to choose it by
 * @property {string} title of the environment
 * @property {Readonly<Record<string, string>>} packages what it installs beside ours: version by name
 * @property {Readonly<Record<string, unknown>>} [manifest] more fields of its package.json
 * @property {string} scope what it tries
 * @property {string} [needs] what its user has to do besides `npm install`
 * @property {(project: Project) => Promise<string>} run what it found
 *
 * @typedef {{ step: Step, outcome: "passed" | "failed" | "skipped", text: string }} Result
 */

/** @type {readonly Step[]} */
const all = [...nodeSteps, ...bundlerSteps, ...viteSteps, ...nextSteps, ...typeSteps];

await runCommand(async () => {
  const args = process.argv.slice(2);
  const names = args.filter((arg) => !arg.startsWith("--"));
  const unknown = names.find((name) => !all.some((step) => step.name === name));
  if (unknown) {
    const known = all.map(({ name }) => name).join(", ");
    throw new Error(`unknown step "${unknown}"; the steps are ${known}`);
  }
  const chosen = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
  await tarballs(); // without them every step would be skipped
  /** @type {Result[]} */
  const results = [];
  for (const step of chosen) {
    const began = performance.now();
    const result = await runStep(step);
    results.push(result);
    const sign = { passed: "✓", failed: "✗", skipped: "–" }[result.outcome];
    const took = duration((performance.now() - began) / 1000);
    console.log(`${sign} ${step.title}: ${result.text} (${took})`);
  }
  if (args.includes("--write")) await writeTable(results, all);
  const count = (/** @type {Result["outcome"]} */ wanted) =>
    results.filter(({ outcome }) => outcome === wanted).length;
  console.log(`${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
  return count("failed") === 0 ? 0 : 1;
});

/** @param {Step} step @returns {Promise<Result>} */
async function runStep(step) {
  /** @type {Project | undefined} */
  let project;
  try {
    project = await Project.create(step.packages, step.manifest);
  } catch (error) {
    return { step, outcome: "skipped", text: `cannot be installed here: ${textOf(error)}` };
  }
  try {
    return { step, outcome: "passed", text: await step.run(project) };
  } catch (error) {
    return { step, outcome: "failed", text: textOf(error) };
  } finally {
    await project.remove();
  }
}

/** @param {unknown} error */
function textOf(error) {
  if (error instanceof CommandError) return `${error.message}\n${error.output.trim().slice(-2000)}`;
  return error instanceof Error ? error.message : String(error);
}
