import { EventEmitter, once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { command, openLog } from "./command.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { withLock } from "./lock.mjs";

/**
 * A step of set-up, as data.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {string} title what it does, to print: "Building the engine"
 * @property {readonly string[]} [needs] steps that come first
 * @property {readonly string[]} [inputs] files and folders whose bytes decide the result; they may
 *   be other steps' outputs
 * @property {() => Promise<readonly string[]> | readonly string[]} [facts] what else decides it:
 *   versions, options, places outside the repository
 * @property {readonly string[]} [outputs] what it makes; missing ones make it run again
 * @property {() => Promise<boolean>} [isValid] whether what it made outside the repository, as in the cache,
 *   still exists
 * @property {boolean} [cached] whether its outputs are worth keeping for other clones
 * @property {string} [remedy] what to do when it fails, if more can be said than its error says
 * @property {(context: StepContext) => Promise<void>} run
 *
 * @typedef {object} StepContext
 * @property {import("node:fs").WriteStream} log
 * @property {AbortSignal} signal raised when another step has failed
 * @property {(text: string) => void} say prints a line under the step's name
 * @property {(program: string, args: readonly string[],
 *   options?: import("./command.mjs").CommandOptions) => Promise<string>} command runs a program to
 *   its end, into the log
 *
 * @typedef {"done" | "unchanged" | "restored"} Outcome
 *
 * @typedef {object} Listener what happens, as it happens
 * @property {(step: Step) => void} started
 * @property {(step: Step, text: string) => void} said
 * @property {(step: Step, outcome: Outcome, seconds: number) => void} ended
 */

/** A step failed: which, why, and what to do. */
export class StepError extends Error {
  /** @param {Step} step @param {string} log @param {unknown} cause */
  constructor(step, log, cause) {
    super(`${step.title} failed: ${cause instanceof Error ? cause.message : cause}`, { cause });
    this.name = "StepError";
    this.step = step;
    this.log = log;
  }
}

/**
 * Runs steps, each after those it needs, side by side where that is possible, and leaves out what
 * has not changed.
 */
export class Graph {
  /**
   * @param {readonly Step[]} steps
   * @param {{ root: string, buildDir: string, cache: import("./cache.mjs").Cache, listener: Listener,
   *   atOnce?: number }} options
   */
  constructor(steps, { root, buildDir, cache, listener, atOnce }) {
    this.steps = new Map(steps.map((step) => [step.name, step]));
    this.root = root;
    this.buildDir = buildDir;
    this.cache = cache;
    this.listener = listener;
    this.atOnce = atOnce ?? Math.max(2, os.availableParallelism?.() ?? os.cpus().length);
    /** @type {Set<string>} */
    this.upToDate = new Set();
    this.news = new EventEmitter();
    for (const step of steps) this.#order([step.name]); // unknown names and cycles show here
  }

  /**
   * @param {readonly string[]} names the steps wanted
   * @throws {StepError} the first failure; what was under way is ended
   */
  async run(names) {
    const waiting = this.#order(names);
    const done = new Set();
    /** @type {Map<string, Promise<string>>} */
    const running = new Map();
    const failure = new AbortController();
    try {
      while (waiting.length > 0 || running.size > 0) {
        const ready = waiting.filter((step) => (step.needs ?? []).every((name) => done.has(name)));
        for (const step of ready.slice(0, this.atOnce - running.size)) {
          waiting.splice(waiting.indexOf(step), 1);
          running.set(
            step.name,
            this.#runStep(step, failure.signal).then(() => step.name),
          );
        }
        const finished = await Promise.race(running.values());
        running.delete(finished);
        done.add(finished);
        this.upToDate.add(finished);
        this.news.emit(finished);
      }
    } catch (error) {
      failure.abort();
      await Promise.allSettled(running.values());
      throw error;
    }
  }

  /**
   * Waits until a step is up to date: for ever, if it fails or no run wants it.
   * @param {string} name @returns {Promise<void>}
   */
  async reached(name) {
    this.#order([name]);
    if (!this.upToDate.has(name)) await once(this.news, name);
  }

  /**
   * The named steps and all they need, needs first.
   * @param {readonly string[]} names @returns {Step[]}
   */
  #order(names) {
    /** @type {Set<Step>} */
    const ordered = new Set();
    /** @param {string} name @param {readonly string[]} above */
    const visit = (name, above) => {
      const step = this.steps.get(name);
      if (!step)
        throw new Error(`there is no step "${name}" (needed by ${above.at(-1) ?? "the caller"})`);
      if (above.includes(name))
        throw new Error(`steps need each other: ${[...above, name].join(" → ")}`);
      if (ordered.has(step)) return;
      for (const need of step.needs ?? []) visit(need, [...above, name]);
      ordered.add(step);
    };
    for (const name of names) visit(name, []);
    return [...ordered];
  }

  /** @param {Step} step @param {AbortSignal} signal */
  async #runStep(step, signal) {
    const began = performance.now();
    const log = join(this.buildDir, "logs", `${step.name}.log`);
    try {
      // Most steps have nothing to do; only the others need the lock.
      const outcome = (await this.#isUnchanged(step))
        ? "unchanged"
        : await withLock(
            join(this.buildDir, "locks", step.name),
            () => this.#bringUpToDate(step, log, signal),
            { onWait: () => this.listener.said(step, "waiting for another run in this clone") },
          );
      this.listener.ended(step, outcome, (performance.now() - began) / 1000);
    } catch (error) {
      throw new StepError(step, log, error);
    }
  }

  /**
   * @param {Step} step @param {string} logPath @param {AbortSignal} signal
   * @returns {Promise<Outcome>}
   */
  async #bringUpToDate(step, logPath, signal) {
    if (await this.#isUnchanged(step)) return "unchanged";
    // Without its stamp a step that is cut short runs again.
    await rm(this.#stampOf(step), { force: true });
    const key = await this.#keyOf(step);
    const outputs = step.outputs ?? [];
    if (step.cached && (await this.cache.restore(step.name, key, this.root, outputs))) {
      await this.#stamp(step, key);
      return "restored";
    }
    this.listener.started(step);
    await mkdir(join(this.buildDir, "logs"), { recursive: true });
    const log = await openLog(logPath);
    try {
      await step.run({
        log,
        signal,
        say: (text) => this.listener.said(step, text),
        command: (program, args, options) => command(program, args, { log, signal, ...options }),
      });
    } finally {
      log.end();
    }
    const missing = this.#missingOutputs(step);
    if (missing.length > 0) throw new Error(`it ended well but did not make ${missing.join(", ")}`);
    if (step.cached) await this.cache.keep(step.name, key, this.root, outputs);
    await this.#stamp(step, key);
    return "done";
  }

  /** @param {Step} step */
  async #keyOf(step) {
    return fingerprint(this.root, step.inputs ?? [], (await step.facts?.()) ?? []);
  }

  /** @param {Step} step */
  #stampOf(step) {
    return join(this.buildDir, "stamps", step.name);
  }

  /** @param {Step} step */
  async #isUnchanged(step) {
    const key = await this.#keyOf(step);
    const stamp = await readFile(this.#stampOf(step), "utf8").catch(() => "");
    if (stamp !== key || this.#missingOutputs(step).length > 0) return false;
    return (await step.isValid?.()) ?? true;
  }

  /** @param {Step} step */
  #missingOutputs({ outputs = [] }) {
    return outputs.filter((output) => !existsSync(join(this.root, output)));
  }

  /** @param {Step} step @param {string} key */
  async #stamp(step, key) {
    const stamp = this.#stampOf(step);
    await mkdir(join(this.buildDir, "stamps"), { recursive: true });
    await writeFile(`${stamp}.half`, key);
    await rename(`${stamp}.half`, stamp);
  }
}
