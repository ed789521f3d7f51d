import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LazyVad } from "../../../web/src/elements/lazy-vad.js";
import { type Session, Vad } from "../../../web/src/vad.js";
import { BrowserStubs, settle, wait } from "./browser-stubs.js";
import { nothing, options, outcome } from "./outcomes.js";

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

async function openVad(): Promise<Vad> {
  const opening = Vad.open(options);
  await settle();
  return opening;
}

async function listening(vad: Vad, more: object = {}): Promise<Session> {
  const opening = vad.listen(more);
  await settle();
  if (browser.questions.length > 0) browser.answer(true);
  await settle();
  return opening;
}

describe("a microphone that is allowed after it is no longer wanted stays off", () => {
  it("when the Vad was closed meanwhile", async () => {
    const vad = await openVad();
    const listen = outcome(vad.listen());
    await settle();
    const close = outcome(vad.close());
    await wait(1000);
    expect([listen.code, close.code]).toEqual(["closed", "done"]);
    browser.answer(true);
    await wait(1000);
    expect(browser.left).toEqual(nothing);
  });

  it("when the signal was aborted", async () => {
    const vad = await openVad();
    const controller = new AbortController();
    const listen = outcome(vad.listen({ signal: controller.signal }));
    await settle();
    controller.abort(new Error("given up"));
    await settle();
    expect(listen.code).toBe("given up");
    browser.answer(true);
    await wait(1000);
    expect(browser.left).toEqual({ ...nothing, workers: 1 });
  });

  it("when the session was stopped while it asked again after a pause", async () => {
    const vad = await openVad();
    const session = await listening(vad);
    const pause = outcome(session.pause());
    await wait(1000);
    const resume = outcome(session.resume());
    await settle();
    const stop = outcome(session.stop());
    await wait(1000);
    expect([pause.code, resume.code, stop.code]).toEqual(["done", "closed", "done"]);
    browser.answer(true);
    await wait(1000);
    expect(browser.left).toEqual({ ...nothing, workers: 1 });
    expect(session.state).toBe("closed");
  });

  it("when the engine died while another microphone was asked for", async () => {
    const vad = await openVad();
    const session = await listening(vad);
    const change = outcome(session.setMicrophone("other"));
    await settle();
    browser.workers[0]?.die();
    await wait(1000);
    expect(change.code).toBe("closed");
    browser.answer(true);
    await wait(1000);
    expect(browser.left).toEqual(nothing);
  });

  it("when the element was removed, with the engine there or still on its way", async () => {
    for (const engine of ["there", "on its way"]) {
      browser.holdEngine = engine === "on its way";
      const own = new LazyVad(
        () => options,
        () => undefined,
      );
      if (engine === "there") {
        own.get();
        await settle();
      }
      const listen = outcome(own.listen(() => undefined));
      await settle();
      await own.close();
      await wait(500);
      expect(listen.code).not.toBe("pending");
      browser.answer(true);
      browser.engineArrives();
      await wait(1000);
      expect(browser.left, engine).toEqual(nothing);
    }
  });
});

describe("what fails while it opens leaves nothing behind", () => {
  it.each(["context", "source", "module", "node"] as const)("%s", async (place) => {
    const vad = await openVad();
    // Two in a row: the second attempt of a source in Firefox must not leave its context either.
    for (let n = 0; n < 2; n++) {
      browser.failing = place;
      const listen = outcome(vad.listen());
      await settle();
      browser.answer(true);
      await wait(1000);
      expect(listen.code).not.toBe("pending");
      if (listen.code === "done") await vad.close();
    }
    browser.answer(true);
    await wait(1000);
    expect(browser.left).toMatchObject({ tracks: 0, contexts: 0 });
  });

  it("a stream without sound", async () => {
    const vad = await openVad();
    for (let n = 0; n < 3; n++) {
      const listen = outcome(vad.listen({ stream: browser.stream(0) }));
      await wait(1000);
      expect(listen.code).toBe("no-audio-track");
    }
    expect(browser.left).toEqual({ ...nothing, workers: 1 });
  });

  it("an engine that is given up", async () => {
    browser.holdEngine = true;
    const controller = new AbortController();
    const open = outcome(Vad.open({ ...options, signal: controller.signal }));
    await settle();
    controller.abort(new Error("given up"));
    await settle();
    expect([open.code, browser.left.workers]).toEqual(["given up", 0]);
  });
});

describe("a microphone is asked for", () => {
  it.each(["", "default"])("without naming a device for the id %j", async (deviceId) => {
    const vad = await openVad();
    await listening(vad, { deviceId });
    const audio = browser.asked[0]?.audio as MediaTrackConstraints;
    expect(audio.deviceId).toBeUndefined();
    await vad.close();
  });

  it("by its exact id otherwise", async () => {
    const vad = await openVad();
    await listening(vad, { deviceId: "usb" });
    const audio = browser.asked[0]?.audio as MediaTrackConstraints;
    expect(audio.deviceId).toEqual({ exact: "usb" });
    await vad.close();
  });
});

describe("an audio context", () => {
  it("that is interrupted is not resumed in a loop, and is told of", async () => {
    const vad = await openVad();
    const session = await listening(vad);
    const told: string[] = [];
    session.addEventListener("error", ({ error }) => told.push(error.code));
    session.addEventListener("recovered", ({ code }) => told.push(code));
    const [context] = browser.contexts;
    browser.interrupting = true;
    context?.become("interrupted");
    await wait(5000);
    expect(told).toEqual(["context-suspended"]);
    expect(context?.resumed).toBeLessThan(3);
    browser.interrupting = false;
    context?.become("running");
    await settle();
    expect(told).toEqual(["context-suspended", "context-suspended"]);
    await vad.close();
  });

  it("whose clock stands still while it says it runs is told of, once", async () => {
    const vad = await openVad();
    const session = await listening(vad);
    const told: string[] = [];
    session.addEventListener("error", ({ error }) => told.push(error.code));
    session.addEventListener("recovered", ({ code }) => told.push(`recovered ${code}`));
    const [context] = browser.contexts;
    const run = async (seconds: number) => {
      for (let n = 0; n < 10 * seconds; n++) {
        if (context) context.currentTime += 0.1;
        await wait(100);
      }
    };
    await run(5);
    expect(told).toEqual([]);
    await wait(8000);
    expect(told).toEqual(["context-suspended"]);
    await run(5);
    expect(told).toEqual(["context-suspended", "recovered context-suspended"]);
    await vad.close();
  });
});

describe("a loop over events", () => {
  const types = async (loop: AsyncIterable<{ readonly type: string }>) => {
    const seen: string[] = [];
    for await (const { type } of loop) seen.push(type);
    return seen;
  };

  it("that begins late begins with what was before; a second one does not", async () => {
    const vad = await openVad();
    const session = await listening(vad);
    await session.pause();
    await session.stop();
    const all = ["opening", "running", "paused", "stopping", "closed"].length;
    const first = await types(session.events());
    expect(first.filter((type) => type === "statechange").length).toBe(all - 1);
    expect(first.at(-1)).toBe("end");
    expect(await types(session.events())).toEqual([]);
    await vad.close();
  });

  it("gives only the types that were asked for", async () => {
    const vad = await openVad();
    const session = await listening(vad);
    const loop = types(session.events({ types: ["end"] }));
    await session.stop();
    expect(await loop).toEqual(["end"]);
    await vad.close();
  });

  it("leaves the microphone on when it is left, or turns it off as it was told", async () => {
    const vad = await openVad();
    for (const stopOnExit of [false, true]) {
      const session = await listening(vad);
      for await (const _ of session.events({ stopOnExit })) break;
      await wait(1000);
      expect(browser.left.tracks).toBe(stopOnExit ? 0 : 1);
      await session.stop();
    }
    await vad.close();
  });
});
