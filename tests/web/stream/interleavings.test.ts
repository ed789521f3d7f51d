import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Bundle } from "../../../web/src/bundle/load.js";
import type { BundleManifest } from "../../../web/src/bundle/manifest.js";
import type { BundleStream } from "../../../web/src/stream/bundle-stream.js";
import { openStream } from "../../../web/src/stream.js";
import { random as randomOf } from "../random.js";
import { BrowserStubs, settle, wait } from "../session/browser-stubs.js";
import { nothing, outcome } from "../session/outcomes.js";
import { EngineStubs } from "./engine-stub.js";

const held = vi.hoisted(() => ({ connect: (): Promise<unknown> => Promise.reject() }));
vi.mock("tract-wasm/worker", () => ({ connect: () => held.connect() }));

const manifest = {
  id: "stub",
  engine: { made: "0.23.9", oldest: "0.23.9" },
  symbols: ["S"],
  inputs: [{ name: "x", fact: "1,1,S,f32" }],
  outputs: [{ name: "y", fact: "1,1,S,f32" }],
  pulses: [
    { file: "p", symbol: "S", pulse: 160, delay: 0, warmUp: 0, inputAxes: [2], outputAxes: [2] },
  ],
  audio: { sampleRate: 16_000, samplesPerPulse: 160, frontEnd: "none" },
} as unknown as BundleManifest;
const bundle: Bundle = {
  manifest,
  url: (path) => new URL(path, "https://site.example/bundles/stub/"),
  file: async () => new Uint8Array(4),
};
const assets = "https://site.example/";

let browser: BrowserStubs;
let engines: EngineStubs;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** One order of events, drawn from `seed`. */
async function interleave(seed: number): Promise<void> {
  browser = new BrowserStubs();
  browser.install();
  engines = new EngineStubs();
  held.connect = engines.connect;
  const random = randomOf(seed);
  const pick = <Item>(items: readonly Item[]): Item | undefined =>
    items[Math.floor(random() * items.length)];
  const settled: { readonly what: string; readonly seen: { readonly code: string } }[] = [];
  const track = (what: string, promise: Promise<unknown> | undefined) =>
    promise && settled.push({ what, seen: outcome(promise) });
  const streams: BundleStream[] = [];
  const controllers: AbortController[] = [];
  const given: MediaStream[] = [];
  const contexts: AudioContext[] = [];
  const signal = (share: number) => {
    const controller = new AbortController();
    controllers.push(controller);
    return random() < share ? { signal: controller.signal } : {};
  };
  const hear = (what: string, options: object) => {
    const feed = pick(streams)?.audio(options);
    feed?.then(({ ended }) => track(`${what} ended`, ended)).catch(() => undefined);
    track(what, feed);
  };
  const samples = new Float32Array(1000);
  const read = async (stream: BundleStream | undefined) => {
    for await (const _ of stream?.results() ?? []) if (random() < 0.1) break;
  };
  engines.hold = random() < 0.3;
  const acts: readonly (() => void)[] = [
    () => {
      const queue = 1 + Math.floor(random() * 8);
      const opening = openStream(bundle, { assets, queue, ...signal(1) });
      track(
        "open",
        opening.then((stream) => streams.push(stream)),
      );
    },
    () => hear("microphone", signal(0.5)),
    () => {
      const stream = browser.stream(random() < 0.8 ? 1 : 0);
      given.push(stream);
      hear("stream", { stream, ...signal(0.5) });
    },
    () => hear("file", { file: { samples, sampleRate: 48_000 }, ...signal(0.5) }),
    () => {
      const context = contexts[0] ?? new AudioContext();
      contexts[0] = context;
      track("node", pick(streams)?.audioNode(context));
    },
    () => track("push", pick(streams)?.push({ x: samples })),
    () => track("flush", pick(streams)?.flush()),
    () => track("read", read(pick(streams))),
    () => track("read", read(pick(streams))),
    () => pick(streams)?.reset(),
    () => random() < 0.3 && pick(streams)?.close(),
    () => pick(controllers)?.abort(new Error("given up")),
    () => browser.answer(true),
    () => browser.answer(true),
    () => browser.answer(random() < 0.5),
    () => pick(browser.tracks.filter((each) => each.readyState === "live"))?.vanish(),
    () => random() < 0.3 && pick([...engines.live])?.die(),
    () => pick(browser.contexts)?.become(random() < 0.5 ? "interrupted" : "suspended"),
    () => pick(browser.contexts)?.become("running"),
    () => engines.arrive(),
    () => {
      browser.failing = pick(contexts.length > 0 ? ["context", "source", "module", "node"] : []);
    },
  ];
  for (let n = 6 + Math.floor(random() * 16); n > 0; n--) {
    try {
      pick(acts)?.();
    } catch (error) {
      // The stubbed AudioContext of an act of ours.
      if (!String(error).includes("no context")) throw error;
    }
    if (random() < 0.6) await settle();
    if (random() < 0.2) await wait(random() * 1500);
  }
  for (const controller of controllers) if (random() < 0.5) controller.abort(new Error("given up"));
  engines.arrive();
  await settle();
  for (const stream of streams) stream.close();
  for (const controller of controllers) controller.abort(new Error("given up"));
  await wait(6000);
  const pending = settled.filter(({ seen }) => seen.code === "pending");
  // The person answers after all.
  while (browser.questions.length > 0) browser.answer(true);
  await wait(500);
  for (const stream of given) for (const each of stream.getTracks()) each.stop();
  for (const context of contexts) await context.close();
  const left = { ...browser.left, engines: engines.live.size };
  expect([pending.map(({ what }) => what), left], `seed ${seed}`).toEqual([
    [],
    { ...nothing, engines: 0 },
  ]);
}

it("10,000 random orders of events leave no track, context, engine or promise of a stream behind", {
  timeout: 240_000,
}, async () => {
  for (let seed = 1; seed <= 10_000; seed++) {
    await interleave(seed);
    vi.clearAllTimers();
  }
});
