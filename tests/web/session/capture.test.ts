import { afterAll, beforeAll, expect, it, vi } from "vitest";
import {
  type CaptureCommand,
  type WorkletOptions,
  workletOptions,
} from "../../../web/src/capture/worklet-options.js";
import type { CaptureMessage } from "../../../web/src/engine/protocol.js";
import { random as randomOf } from "../random.js";

/** The audio thread's part, as a browser drives it: a quantum at a time. */
interface Processor {
  readonly port: Port;
  process(inputs: readonly (readonly Float32Array[])[]): boolean;
}

/** One end of a channel whose messages are kept until they are taken. */
class Port {
  onmessage: (event: { data: unknown }) => void = () => undefined;
  sent: unknown[] = [];
  postMessage(message: unknown): void {
    this.sent.push(message);
  }
  receive(data: unknown): void {
    this.onmessage({ data });
  }
}

let Capture: new (options: { processorOptions: WorkletOptions }) => Processor;

beforeAll(async () => {
  vi.stubGlobal(
    "AudioWorkletProcessor",
    class {
      readonly port = new Port();
    },
  );
  vi.stubGlobal("registerProcessor", (_: string, processor: typeof Capture) => {
    Capture = processor;
  });
  await import("../../../web/src/capture/worklet.js");
});
afterAll(() => vi.unstubAllGlobals());

const RATE = 16_000;
const PULSE = 512;
const QUANTUM = 128;

/** Captures a ramp, so that each sample tells its place, and is the worker on the other end. */
class Bench {
  readonly #processor: Processor;
  readonly #toWorker = new Port();
  #taken = 0;
  /** Samples the worker got, and those it was told are lost, in the order of the stream. */
  got = 0;
  lost = 0;
  mostWaiting = 0;

  constructor(earlySeconds: number) {
    this.#processor = new Capture({
      processorOptions: workletOptions(PULSE / RATE, 0, RATE, earlySeconds),
    });
    const begin: CaptureCommand = { type: "begin", port: this.#toWorker as unknown as MessagePort };
    this.#processor.port.receive(begin);
  }

  hear(seconds: number): void {
    for (let n = 0; n < (seconds * RATE) / QUANTUM; n++) {
      const quantum = Float32Array.from({ length: QUANTUM }, (_, i) => this.#taken + i);
      this.#taken += QUANTUM;
      this.#processor.process([[quantum]]);
    }
  }

  /** The worker takes at most so many blocks and gives their buffers back. */
  work(most = Number.POSITIVE_INFINITY): number {
    const blocks = this.#toWorker.sent.splice(0, most) as CaptureMessage[];
    for (const block of blocks) {
      this.lost += block.lost;
      if (block.type === "end") continue;
      const samples = block.buffer.subarray(0, block.length);
      const from = this.got + this.lost;
      expect(samples.findIndex((sample, i) => sample !== from + i)).toBe(-1);
      this.got += block.length;
      this.mostWaiting = Math.max(this.mostWaiting, block.waiting);
      this.#toWorker.receive(block.buffer);
    }
    return blocks.length;
  }

  end(): void {
    this.#processor.port.receive({ type: "end" } satisfies CaptureCommand);
    this.work();
  }

  get taken(): number {
    return this.#taken;
  }
}

it("keeps half a minute for an engine that is on its way, and counts what comes after it", () => {
  const bench = new Bench(30);
  bench.hear(29.44);
  bench.work();
  expect([bench.got, bench.lost]).toEqual([29.44 * RATE, 0]);

  const late = new Bench(30);
  late.hear(75);
  late.work();
  const kept = late.got;
  expect(Math.abs(kept / RATE - 30)).toBeLessThan(0.1);
  late.hear(1);
  late.work();
  late.end();
  expect(late.lost).toBe(75 * RATE - kept);
  expect(late.got + late.lost).toBe(late.taken);
});

it("keeps four seconds, as ever, once the engine has caught up", () => {
  const bench = new Bench(30);
  bench.hear(20);
  for (let n = 0; n < 40; n++) {
    bench.work();
    bench.hear(1);
  }
  bench.work();
  bench.hear(30);
  const before = bench.got;
  bench.work();
  expect(bench.got - before).toBe(4 * RATE);
});

it("gives or counts every sample, however the worker dawdles", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomOf(seed);
    const early = random() < 0.5 ? 0 : 8 * random();
    const bench = new Bench(early);
    for (let n = 0; n < 60; n++) {
      bench.hear(2 * random() ** 2);
      bench.work(random() < 0.2 ? 0 : Math.floor(80 * random()));
    }
    bench.work();
    bench.hear(0.1);
    bench.end();
    expect(bench.got + bench.lost, `seed ${seed}`).toBe(bench.taken);
    expect(bench.mostWaiting * PULSE).toBeLessThanOrEqual(Math.max(4, early) * RATE + PULSE);
  }
});
