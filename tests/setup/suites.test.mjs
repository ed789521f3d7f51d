import { beforeEach, expect, test, vi } from "vitest";
import { runSuites } from "../../setup/suites/run.mjs";
import { emptyFolder } from "./empty-folder.mjs";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});

const passed = { passed: 1, failed: 0, skipped: 0 };

/** Suites that take a turn of the event loop each, and what began and ended, in order. */
function recorder() {
  /** @type {string[]} */
  const order = [];
  /** @param {string} name @param {Partial<import("../../setup/suites/run.mjs").Suite>} [more] */
  const suite = (name, more = {}) => ({
    name,
    title: name,
    steps: [],
    run: async () => {
      order.push(`${name} begins`);
      for (let turn = 0; turn < (more.schedule === "parallel" ? 20 : 1); turn++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      order.push(`${name} ends`);
      return passed;
    },
    ...more,
  });
  return { order, suite };
}

test("only suites that need a parallel suite, and those that run alone, wait for it", async () => {
  const { order, suite } = recorder();
  const code = await runSuites(
    [
      suite("long", { schedule: "parallel" }),
      suite("free"),
      suite("bound", { needs: ["long", "not chosen"] }),
      suite("other", { schedule: "parallel" }),
      suite("last", { schedule: "alone" }),
    ],
    await emptyFolder(),
  );
  const at = (/** @type {string} */ what) => order.indexOf(what);
  expect(code).toBe(0);
  expect(at("free ends")).toBeLessThan(at("long ends"));
  expect(at("long ends")).toBeLessThan(at("bound begins"));
  expect(at("other ends")).toBeLessThan(at("last begins"));
});

test("a parallel suite that waits for another keeps no later suite waiting", async () => {
  const { order, suite } = recorder();
  await runSuites(
    [
      suite("long", { schedule: "parallel" }),
      suite("bound", { schedule: "parallel", needs: ["long"] }),
      suite("free"),
    ],
    await emptyFolder(),
  );
  expect(order.indexOf("free ends")).toBeLessThan(order.indexOf("long ends"));
  expect(order.indexOf("long ends")).toBeLessThan(order.indexOf("bound begins"));
});

test("nothing run and anything failed is no success", async () => {
  const { suite } = recorder();
  const failed = { ...passed, failed: 1 };
  expect(
    await runSuites([suite("a"), suite("b", { run: async () => failed })], await emptyFolder()),
  ).toBe(1);
  expect(
    await runSuites(
      [suite("a", { run: async () => ({ ...passed, passed: 0 }) })],
      await emptyFolder(),
    ),
  ).toBe(1);
});
