import { beforeEach, expect, test, vi } from "vitest";
import { runSuites } from "../../setup/suites/run.mjs";
import { emptyFolder } from "./empty-folder.mjs";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});

const passed = { passed: 1, failed: 0, skipped: 0 };

/** Suites that take a turn of the event loop each, and what began and ended, in order. */
function workshop() {
  /** @type {string[]} */
  const told = [];
  /** @param {string} name @param {Partial<import("../../setup/suites/run.mjs").Suite>} [more] */
  const suite = (name, more = {}) => ({
    name,
    title: name,
    steps: [],
    run: async () => {
      told.push(`${name} begins`);
      for (let turn = 0; turn < (more.place === "beside" ? 20 : 1); turn++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      told.push(`${name} ends`);
      return passed;
    },
    ...more,
  });
  return { told, suite };
}

test("a suite beside keeps none waiting but those that need it, and those that run alone", async () => {
  const { told, suite } = workshop();
  const code = await runSuites(
    [
      suite("long", { place: "beside" }),
      suite("free"),
      suite("bound", { needs: ["long", "not chosen"] }),
      suite("other", { place: "beside" }),
      suite("last", { place: "alone" }),
    ],
    await emptyFolder(),
  );
  const at = (/** @type {string} */ what) => told.indexOf(what);
  expect(code).toBe(0);
  expect(at("free ends")).toBeLessThan(at("long ends"));
  expect(at("long ends")).toBeLessThan(at("bound begins"));
  expect(at("other ends")).toBeLessThan(at("last begins"));
});

test("nothing run and anything failed is no success", async () => {
  const { suite } = workshop();
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
