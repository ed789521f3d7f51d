import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Cache } from "../../setup/graph/cache.mjs";
import { explain } from "../../setup/graph/console.mjs";
import { Graph, StepError } from "../../setup/graph/graph.mjs";
import { emptyFolder } from "./empty-folder.mjs";

/** @typedef {import("../../setup/graph/graph.mjs").Step} Step */

/** A root and a cache, and a function that runs steps in them and tells what happened. */
async function workshop({ cache = "", atOnce = 2 } = {}) {
  const root = await emptyFolder();
  const folder = cache || (await emptyFolder());
  /** @param {readonly Step[]} steps @param {readonly string[]} names */
  const run = async (steps, names = steps.map(({ name }) => name)) => {
    /** @type {Record<string, string>} */
    const outcomes = {};
    const listener = {
      started() {},
      said() {},
      /** @param {Step} step @param {string} outcome */
      ended(step, outcome) {
        outcomes[step.name] = outcome;
      },
    };
    const buildDir = join(root, ".build");
    await new Graph(steps, { root, buildDir, cache: new Cache(folder), listener, atOnce }).run(
      names,
    );
    return outcomes;
  };
  return { root, cache: folder, run };
}

/** A step that writes its input, in capitals. @param {string} root @param {Partial<Step>} [more] @returns {Step} */
const capitals = (root, more = {}) => ({
  name: "capitals",
  title: "Writing capitals",
  inputs: ["in"],
  outputs: ["out"],
  run: async () => {
    const text = await readFile(join(root, "in"), "utf8");
    await writeFile(join(root, "out"), text.toUpperCase());
  },
  ...more,
});

test("a step runs once, again when its input changes, and again when its output is gone", async () => {
  const { root, run } = await workshop();
  const steps = [capitals(root)];
  await writeFile(join(root, "in"), "a");
  expect(await run(steps)).toEqual({ capitals: "done" });
  expect(await run(steps)).toEqual({ capitals: "unchanged" });
  await writeFile(join(root, "in"), "b");
  expect(await run(steps)).toEqual({ capitals: "done" });
  expect(await readFile(join(root, "out"), "utf8")).toBe("B");
  await rm(join(root, "out"));
  expect(await run(steps)).toEqual({ capitals: "done" });
});

test("a step runs again when a fact changes or what it made elsewhere is gone", async () => {
  const { root, run } = await workshop();
  await writeFile(join(root, "in"), "a");
  await run([capitals(root, { facts: () => ["1"] })]);
  expect(await run([capitals(root, { facts: () => ["2"] })])).toEqual({ capitals: "done" });
  const gone = capitals(root, { facts: () => ["2"], isValid: async () => false });
  expect(await run([gone])).toEqual({ capitals: "done" });
});

test("a cached step's outputs reach a second clone without running it", async () => {
  const one = await workshop();
  const two = await workshop({ cache: one.cache });
  for (const { root } of [one, two]) await writeFile(join(root, "in"), "a");
  expect(await one.run([capitals(one.root, { cached: true })])).toEqual({ capitals: "done" });
  const never = capitals(two.root, {
    cached: true,
    run: () => Promise.reject(new Error("it ran")),
  });
  expect(await two.run([never])).toEqual({ capitals: "restored" });
  expect(await readFile(join(two.root, "out"), "utf8")).toBe("A");
});

test("steps come after what they need, and only what is asked for and needed runs", async () => {
  const { run } = await workshop();
  /** @type {string[]} */
  const order = [];
  /** @param {string} name @param {string[]} needs @returns {Step} */
  const step = (name, needs = []) => ({
    name,
    title: name,
    needs,
    run: async () => {
      order.push(name);
    },
  });
  await run(
    [step("site", ["engine", "bundle"]), step("engine"), step("bundle", ["engine"]), step("other")],
    ["site"],
  );
  expect(order).toEqual(["engine", "bundle", "site"]);
});

test("what can go side by side does, up to the limit", async () => {
  const { run } = await workshop({ atOnce: 2 });
  let under = 0;
  let most = 0;
  /** @param {string} name @returns {Step} */
  const slow = (name) => ({
    name,
    title: name,
    run: async () => {
      most = Math.max(most, ++under);
      await new Promise((resolve) => setTimeout(resolve, 20));
      under--;
    },
  });
  await run(["a", "b", "c", "d"].map(slow));
  expect(most).toBe(2);
});

test("work can begin once the step it needs is up to date, before the others are", async () => {
  const root = await emptyFolder();
  const listener = { started() {}, said() {}, ended() {} };
  /** @type {string[]} */
  const order = [];
  let began = () => {};
  const meanwhile = new Promise((resolve) => {
    began = () => resolve(undefined);
  });
  const steps = [
    { name: "quick", title: "quick", run: async () => {} },
    {
      name: "slow",
      title: "slow",
      run: async () => {
        await meanwhile; // without the work begun beside it this would never end
        order.push("slow");
      },
    },
  ];
  const graph = new Graph(steps, {
    root,
    buildDir: join(root, ".build"),
    cache: new Cache(await emptyFolder()),
    listener,
  });
  const work = graph.reached("quick").then(() => {
    order.push("work");
    began();
  });
  await Promise.all([graph.run(["quick", "slow"]), work]);
  await graph.reached("slow"); // asked afterwards
  expect(order).toEqual(["work", "slow"]);
  await expect(graph.reached("other")).rejects.toThrow('no step "other"');
});

test("two runs at once in one clone do the work once", async () => {
  const { root, run } = await workshop();
  await writeFile(join(root, "in"), "a");
  let times = 0;
  const counted = capitals(root, {
    run: async () => {
      times++;
      await new Promise((resolve) => setTimeout(resolve, 50));
      await writeFile(join(root, "out"), "A");
    },
  });
  const outcomes = await Promise.all([run([counted]), run([counted])]);
  expect(times).toBe(1);
  expect(outcomes.map(({ capitals }) => capitals).sort()).toEqual(["done", "unchanged"]);
});

test("a failure names the step, the reason, the log and the remedy, and runs again next time", async () => {
  const { root, run } = await workshop();
  /** @type {Step} */
  const step = {
    name: "engine",
    title: "Building the engine",
    remedy: "Install a compiler.",
    run: async ({ command }) => {
      await command(process.execPath, ["-e", "console.log('line 7 is wrong'); process.exit(3)"]);
    },
  };
  const failure = await run([step]).catch((error) => error);
  expect(failure).toBeInstanceOf(StepError);
  const text = explain(failure);
  expect(text).toContain("Building the engine failed");
  expect(text).toContain("exit code 3");
  expect(text).toContain("line 7 is wrong");
  expect(text).toContain(join(root, ".build", "logs", "engine.log"));
  expect(text).toContain("Install a compiler.");
  expect(await readFile(failure.log, "utf8")).toContain("line 7 is wrong");
  await expect(run([step])).rejects.toBeInstanceOf(StepError);
});

test("when one step fails, commands of the others are ended and nothing new begins", async () => {
  const { root, run } = await workshop();
  /** @type {Step[]} */
  const steps = [
    { name: "bad", title: "bad", run: () => Promise.reject(new Error("no")) },
    {
      name: "long",
      title: "long",
      run: async ({ command }) => {
        // The shell does not pass on the signal; what it started has to end all the same.
        await command("sh", [
          "-c",
          `"${process.execPath}" -e "setTimeout(() => {}, 60_000)"; true`,
        ]);
      },
    },
    {
      name: "later",
      title: "later",
      needs: ["bad"],
      run: () => writeFile(join(root, "later"), ""),
    },
  ];
  await expect(run(steps)).rejects.toThrow("bad failed: no");
  await expect(readFile(join(root, "later"))).rejects.toThrow("ENOENT");
});

test("a step that ends well without its outputs has failed", async () => {
  const { run } = await workshop();
  const step = { name: "x", title: "x", outputs: ["a", "b"], run: async () => {} };
  await expect(run([step])).rejects.toThrow("did not make a, b");
});

test("unknown and circular needs are refused before anything runs", async () => {
  const { run } = await workshop();
  const none = async () => {};
  await expect(run([{ name: "a", title: "a", needs: ["b"], run: none }])).rejects.toThrow(
    'no step "b"',
  );
  const circle = [
    { name: "a", title: "a", needs: ["b"], run: none },
    { name: "b", title: "b", needs: ["a"], run: none },
  ];
  await expect(run(circle)).rejects.toThrow("a → b → a");
});

test("a step cut short leaves no cache entry and no stamp", async () => {
  const { root, cache, run } = await workshop();
  await writeFile(join(root, "in"), "a");
  const cut = capitals(root, { cached: true, run: () => Promise.reject(new Error("cut")) });
  await expect(run([cut])).rejects.toThrow("cut");
  await mkdir(join(cache, "capitals"), { recursive: true });
  expect(await run([capitals(root, { cached: true })])).toEqual({ capitals: "done" });
});
