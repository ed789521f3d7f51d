import { CommandError } from "./command.mjs";
import { StepError } from "./graph.mjs";

/** Lines of a failed command's output that are shown: most name the cause last, some (npm) first. */
const shown = { first: 6, last: 20 };

/** How often work that is under way is named again (ms). */
const reminder = 30_000;

/**
 * Prints what a graph does as it does it. Steps that had nothing to do are counted, not listed.
 * @param {(line: string) => void} [print]
 */
export function consoleListener(print = console.log) {
  let unchanged = 0;
  /** @type {Map<import("./graph.mjs").Step, number>} */
  const under = new Map();
  const timer = setInterval(() => {
    for (const [step, began] of under)
      print(`  … ${step.title}, ${duration((Date.now() - began) / 1000)} so far`);
  }, reminder);
  timer.unref();
  return {
    /** @param {import("./graph.mjs").Step} step */
    started(step) {
      under.set(step, Date.now());
      print(`  · ${step.title}`);
    },
    /** @param {import("./graph.mjs").Step} step @param {string} text */
    said(step, text) {
      print(`    ${step.title}: ${text}`);
    },
    /** @param {import("./graph.mjs").Step} step @param {import("./graph.mjs").Outcome} outcome @param {number} seconds */
    ended(step, outcome, seconds) {
      under.delete(step);
      if (outcome === "unchanged") unchanged++;
      else if (outcome === "restored") print(`  ✓ ${step.title}: taken from the cache`);
      else print(`  ✓ ${step.title} (${duration(seconds)})`);
    },
    /** Ends the reminders and says what was left out. */
    close() {
      clearInterval(timer);
      if (unchanged > 0) print(`  ✓ ${unchanged} ${unchanged === 1 ? "step" : "steps"} unchanged`);
    },
  };
}

/** @param {number} seconds @returns {string} "4 s", "2 min 5 s" */
export function duration(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/**
 * What a person needs to know of a failure: which step, why, where the log is, what to do.
 * @param {unknown} error @returns {string}
 */
export function explain(error) {
  if (!(error instanceof StepError)) return error instanceof Error ? error.message : String(error);
  const lines = [`✗ ${error.message}`];
  if (error.cause instanceof CommandError) {
    const output = error.cause.output.trimEnd().split("\n");
    const left = output.length - shown.first - shown.last;
    if (left > 1) output.splice(shown.first, left, "…");
    lines.push(...output.map((line) => `    ${line}`));
  }
  const again = "Fix the error and run the command again; finished steps are cached.";
  lines.push(`  Full log: ${error.log}`, `  ${error.step.remedy ?? again}`);
  return lines.join("\n");
}
