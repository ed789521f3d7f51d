import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as rest } from "node:timers/promises";

/** How long a program may take until it serves. */
const PATIENCE_MS = 20_000;

/** A program that serves until it is ended. */
export interface Program {
  readonly child: ChildProcess;
  /** Resolves when it does what it is for. */
  ready(does: () => boolean | Promise<boolean>): Promise<void>;
  end(): Promise<void>;
}

export function start(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdio: StdioOptions = "ignore",
): Program {
  const child = spawn(path, args, { env: { ...process.env, ...env }, stdio });
  const over = () => child.exitCode !== null || child.signalCode !== null;
  // A failed test run must not leave it behind.
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  return {
    child,
    async ready(does) {
      const until = Date.now() + PATIENCE_MS;
      while (!(await does())) {
        if (over()) throw new Error(`${path} ended with ${child.exitCode ?? child.signalCode}`);
        if (Date.now() > until) throw new Error(`${path} is not ready after ${PATIENCE_MS} ms`);
        await rest(50);
      }
    },
    async end() {
      process.off("exit", kill);
      if (over()) return;
      const ended = once(child, "exit");
      child.kill();
      const hanging = setTimeout(kill, 5000);
      await ended;
      clearTimeout(hanging);
    },
  };
}
