import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LazyVad } from "../../../web/src/elements/lazy-vad.js";
import { type Session, Vad } from "../../../web/src/vad.js";
import { random as randomOf } from "../random.js";
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

/** One order of events, drawn from `seed`. */
async function interleave(seed: number): Promise<void> {
  const random = randomOf(seed);
  const pick = <Item>(items: readonly Item[]): Item | undefined =>
    items[Math.floor(random() * items.length)];
  const settled: { readonly what: string; readonly seen: { readonly code: string } }[] = [];
  const track = (what: string, promise: Promise<unknown>) =>
    settled.push({ what, seen: outcome(promise) });
  const vads: Vad[] = [];
  const sessions: Session[] = [];
  const controllers: AbortController[] = [];
  const given: MediaStream[] = [];
  const owns: LazyVad[] = [];
  // What belongs to no Vad yet can be ended by its signal alone.
  const signal = (share = 1) => {
    const controller = new AbortController();
    controllers.push(controller);
    return random() < share ? { signal: controller.signal } : {};
  };
  const keep = ({ vad, session }: { vad: Vad; session: Session }) => {
    vads.push(vad);
    sessions.push(session);
  };
  const stub = browser;
  stub.holdEngine = random() < 0.5;
  const acts: readonly (() => void)[] = [
    () =>
      track(
        "open",
        Vad.open({ ...options, ...signal() }).then((vad) => vads.push(vad)),
      ),
    () => track("Vad.listen", Vad.listen({ ...options, ...signal() }).then(keep)),
    () => {
      const own =
        owns[0] ??
        new LazyVad(
          () => options,
          () => undefined,
        );
      owns.push(own);
      track("element", own.listen(() => undefined).then(keep));
    },
    () => track("remove", owns[0]?.close() ?? Promise.resolve()),
    () => {
      const vad = pick(vads);
      if (!vad || vad.closed) return;
      track(
        "listen",
        vad.listen(signal(0.5)).then((session) => sessions.push(session)),
      );
    },
    () => {
      const vad = pick(vads);
      if (!vad || vad.closed) return;
      const stream = stub.stream();
      given.push(stream);
      track(
        "listen to",
        vad.listen({ stream }).then((session) => sessions.push(session)),
      );
    },
    () => track("pause", pick(sessions)?.pause() ?? Promise.resolve()),
    () => track("resume", pick(sessions)?.resume() ?? Promise.resolve()),
    () => track("change", pick(sessions)?.setMicrophone("x") ?? Promise.resolve()),
    () => track("stop", pick(sessions)?.stop() ?? Promise.resolve()),
    () => random() < 0.3 && track("close", pick(vads)?.close() ?? Promise.resolve()),
    () => pick(controllers)?.abort(new Error("given up")),
    () => stub.answer(true),
    () => stub.answer(true),
    () => stub.answer(random() < 0.5),
    () => pick(stub.tracks.filter((each) => each.readyState === "live"))?.vanish(),
    () => random() < 0.3 && pick(stub.workers.filter((worker) => worker.alive))?.die(),
    () => pick(stub.contexts)?.become(random() < 0.5 ? "interrupted" : "suspended"),
    () => pick(stub.contexts)?.become("running"),
    () => stub.engineArrives(),
    () => {
      stub.failing = pick(["context", "source", "module", "node"] as const);
    },
  ];
  for (let n = 6 + Math.floor(random() * 14); n > 0; n--) {
    pick(acts)?.();
    if (random() < 0.6) await settle();
    if (random() < 0.2) await wait(random() * 1500);
  }
  for (const controller of controllers) if (random() < 0.5) controller.abort(new Error("given up"));
  for (const own of owns) track("remove", own.close());
  for (const vad of vads) track("close", vad.close());
  await settle();
  stub.engineArrives();
  await settle();
  // Those that opened only now.
  for (const vad of vads) track("close", vad.close());
  await wait(500);
  for (const controller of controllers) controller.abort(new Error("given up"));
  await wait(6000);
  const pending = settled.filter(({ seen }) => seen.code === "pending");
  // The person answers after all.
  while (stub.questions.length > 0) stub.answer(true);
  await wait(500);
  for (const stream of given) for (const each of stream.getTracks()) each.stop();
  expect([pending.map(({ what }) => what), stub.left], `seed ${seed}`).toEqual([[], nothing]);
}

it("10,000 random orders of events leave no track, context, worker or promise behind", {
  timeout: 240_000,
}, async () => {
  for (let seed = 1; seed <= 10_000; seed++) {
    browser = new BrowserStubs();
    browser.install();
    await interleave(seed);
    vi.clearAllTimers();
  }
});
