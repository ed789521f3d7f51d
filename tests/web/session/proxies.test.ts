import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Vad } from "../../../web/src/vad.js";
import { BrowserStubs, settle, wait } from "./browser-stubs.js";
import { nothing, options } from "./outcomes.js";

let browser: BrowserStubs;

beforeEach(() => {
  vi.useFakeTimers();
  browser = new BrowserStubs();
  browser.install();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** As a framework's store does: what a handle holds and what its methods resolve to is wrapped as well. */
const wrapped = <T extends object>(target: T): T =>
  new Proxy(target, {
    get(object, name, receiver) {
      const found: unknown = Reflect.get(object, name, receiver);
      return typeof found === "object" && found !== null ? wrapped(found) : found;
    },
  });

it("a Vad and its session work through a framework's proxies", async () => {
  const opening = Vad.open(options);
  await settle();
  const vad = wrapped(await opening);
  vad.setOptions({ threshold: 0.7 });
  expect(vad.rules.threshold).toBe(0.7);
  const listening = vad.listen();
  await settle();
  browser.answer(true);
  await settle();
  const session = wrapped(await listening);
  expect([vad.closed, session.state, session.length]).toEqual([false, "running", 0]);
  const states: string[] = [];
  session.addEventListener("statechange", ({ state }) => states.push(state));
  const { pause, resume } = session;
  for (const act of [pause, resume]) {
    const done = act();
    await settle();
    if (browser.questions.length > 0) browser.answer(true);
    await settle();
    await done;
  }
  const closed = vad.close();
  await wait(1000);
  await closed;
  expect(states).toEqual(["paused", "running", "stopping", "closed"]);
  expect([vad.closed, session.state]).toEqual([true, "closed"]);
  expect(browser.left).toEqual(nothing);
});
