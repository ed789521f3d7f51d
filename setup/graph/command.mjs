import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { root } from "../paths.mjs";

/** A command that could not be started, or ended badly. */
export class CommandError extends Error {
  /** @param {string} command @param {string} outcome @param {string} output what it printed last */
  constructor(command, outcome, output) {
    super(`\`${command}\` ${outcome}`);
    this.name = "CommandError";
    this.output = output;
  }
}

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd] the repository's root by default
 * @property {Record<string, string | undefined>} [env] added to the environment; undefined removes
 * @property {import("node:stream").Writable} [log] gets all output
 * @property {AbortSignal} [signal] ends the command
 */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/** Ends every command under way, on an interrupt. */
export const endCommands = () => running.forEach(end);

/** Ends a command and what it has started. @param {import("node:child_process").ChildProcess} child */
function end(child) {
  try {
    if (child.pid && ownGroup) process.kill(-child.pid, "SIGTERM");
    else child.kill("SIGTERM");
  } catch {
    // it has ended by itself
  }
}

/** npm and cargo do not pass on the signal that ends them; a group of processes gets it whole. */
const ownGroup = process.platform !== "win32";

/**
 * Runs a command to its end.
 * @param {string} program @param {readonly string[]} args @param {CommandOptions} [options]
 * @returns {Promise<string>} its standard output
 * @throws {CommandError} if it cannot be started or its exit code is not 0
 */
export async function command(program, args, options = {}) {
  const { code, stdout, all } = await attempt(program, args, options);
  if (code !== 0) {
    const outcome = typeof code === "number" ? `ended with exit code ${code}` : code;
    throw new CommandError([program, ...args].join(" "), outcome, all);
  }
  return stdout;
}

/**
 * As `command`, for callers to whom a bad end is an answer.
 * @param {string} program @param {readonly string[]} args @param {CommandOptions} [options]
 * @returns {Promise<{ code: number | string, stdout: string, all: string }>} `code` is a sentence
 * where there is no exit code
 */
export async function attempt(program, args, { cwd = root, env = {}, log, signal } = {}) {
  log?.write(`$ ${[program, ...args].join(" ")}\n`);
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // npm and its like are .cmd files on Windows, which only a shell can start.
    shell: process.platform === "win32" && !program.endsWith(".exe"),
    detached: ownGroup,
  });
  running.add(child);
  const abort = () => end(child);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  let stdout = "";
  let all = "";
  const keep = (/** @type {string} */ text) => {
    all = (all + text).slice(-keptTail);
    log?.write(text);
  };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
    keep(text);
  });
  child.stderr.setEncoding("utf8").on("data", keep);
  try {
    const [code, ended] = await once(child, "close");
    return { code: code ?? `was ended by ${ended}`, stdout, all };
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    return { code: code === "ENOENT" ? "is not installed" : message, stdout, all };
  } finally {
    signal?.removeEventListener("abort", abort);
    running.delete(child);
  }
}

/** Characters of output kept for an error's report; the log has all of it. */
const keptTail = 64 * 1024;

/** @param {string} path */
export async function openLog(path) {
  const log = createWriteStream(path);
  await once(log, "open");
  return log;
}
