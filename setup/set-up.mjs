import { Cache } from "./graph/cache.mjs";
import { endCommands } from "./graph/command.mjs";
import { consoleListener, duration, explain } from "./graph/console.mjs";
import { Graph } from "./graph/graph.mjs";
import { buildDir, cacheDir, root } from "./paths.mjs";
import { preflight } from "./preflight/preflight.mjs";
import { allSteps } from "./steps/index.mjs";

/** What is slow to make and shared by this user's clones. */
export const cache = new Cache(cacheDir);

/**
 * Brings the named steps, and all they need, up to date.
 * @template [T=void] @param {readonly string[]} names
 * @param {(reached: (step: string) => Promise<void>) => Promise<T>} [meanwhile] work that can begin
 * before all of them are: it waits for the steps it needs
 * @returns {Promise<T>} what `meanwhile` gave
 */
export async function setUp(names, meanwhile) {
  const began = performance.now();
  console.log("Setting up");
  await preflight(console.log);
  const listener = consoleListener();
  try {
    const graph = new Graph(allSteps(cache), { root, buildDir, cache, listener });
    const started = meanwhile?.((step) => graph.reached(step));
    await Promise.all([graph.run(names), started]);
    console.log(`Set up in ${duration((performance.now() - began) / 1000)}`);
    return /** @type {T} */ (await started);
  } finally {
    listener.close();
  }
}

/**
 * Runs a command of package.json: failures are explained instead of traced, and an interrupt ends
 * what was started.
 * @param {() => Promise<number | undefined>} main its exit code; none keeps the process alive
 */
export async function runCommand(main) {
  const end = (/** @type {number} */ code) => {
    endCommands();
    process.exit(code);
  };
  process.once("SIGINT", () => end(130));
  process.once("SIGTERM", () => end(143));
  const shell = process.ppid;
  // npm starts scripts by a shell, which does not pass on the signal that ends it.
  const endWithShell = () => process.ppid !== shell && end(143);
  if (process.env.npm_lifecycle_event) setInterval(endWithShell, 500).unref();
  try {
    const code = await main();
    if (code !== undefined) process.exit(code);
  } catch (error) {
    console.error(explain(error));
    end(1);
  }
}
