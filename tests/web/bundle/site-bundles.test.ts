import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bundlesOf, whenMade } from "../../../web/src/bundle/site-bundles.js";

const site = "https://example.org/a/bundles/";

/** Answers to the questions for the list, one after the other; the last stays. */
function listing(...lists: (object[] | undefined)[]) {
  const asked: string[] = [];
  vi.stubGlobal("document", { baseURI: "https://example.org/a/page/" });
  vi.stubGlobal("fetch", async (url: URL) => {
    const list = lists[Math.min(asked.length, lists.length - 1)];
    asked.push(String(url));
    return list ? Response.json(list) : new Response("", { status: 404 });
  });
  return asked;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const slow = (state: string) => [{ id: "slow", title: "Slow", kind: "vad", state }];

test("a bundle that is being made is waited for, and each look at the list is told", async () => {
  const asked = listing(slow("building"), slow("building"), slow("ready"));
  const waiting = vi.fn();
  let made = false;
  const done = whenMade("../bundles/slow", waiting).then(() => {
    made = true;
  });
  await vi.advanceTimersByTimeAsync(1);
  expect([waiting.mock.calls.length, made]).toEqual([1, false]);
  await vi.advanceTimersByTimeAsync(3000);
  expect([waiting.mock.calls.length, made]).toEqual([2, false]);
  await vi.advanceTimersByTimeAsync(3000);
  await done;
  expect(waiting.mock.calls.length).toBe(2);
  expect(new Set(asked)).toEqual(new Set([`${site}index.json`]));
});

test.each([
  ["ready", slow("ready")],
  ["failed, which its own files will say", slow("failed")],
  ["not on the list", [{ id: "other", title: "", kind: "", state: "building" }]],
  ["of a site without a list", undefined],
])("a bundle that is %s is not waited for", async (_, list) => {
  const asked = listing(list);
  const waiting = vi.fn();
  await whenMade(`${site}slow/`, waiting);
  expect(waiting).not.toHaveBeenCalled();
  expect(asked.length).toBe(1);
});

test("a network that is cut is a site without a list", async () => {
  listing([]);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("cut")));
  expect(await bundlesOf(site)).toEqual([]);
});
