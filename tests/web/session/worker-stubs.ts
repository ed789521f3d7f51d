/** The stubs a worker belongs to. */
interface WorkerHost {
  readonly workers: StubWorker[];
  /** Calls `start` once the engine is there. */
  whenEngine(start: () => void): void;
}

/** One end of a channel. Messages arrive in a microtask, and wait until somebody listens. */
export class StubPort {
  #peer: StubPort | undefined;
  #listener: ((event: { data: unknown }) => void) | undefined;
  #kept: unknown[] = [];

  peer(): StubPort {
    const peer = new StubPort();
    peer.#peer = this;
    this.#peer = peer;
    return peer;
  }
  set onmessage(listener: (event: { data: unknown }) => void) {
    this.#listener = listener;
    for (const data of this.#kept.splice(0)) queueMicrotask(() => listener({ data }));
  }
  postMessage(data: unknown): void {
    const peer = this.#peer;
    if (peer === undefined) return;
    const listener = peer.#listener;
    if (listener) queueMicrotask(() => listener({ data }));
    else peer.#kept.push(data);
  }
  start(): void {}
  close(): void {
    this.#listener = undefined;
    this.#peer = undefined;
  }
}

export class StubChannel {
  readonly port1 = new StubPort();
  readonly port2 = this.port1.peer();
}

/** The engine's worker: answers at once, and runs nothing. */
export class StubWorker {
  alive = true;
  onmessage: ((event: { data: unknown }) => void) | undefined;
  onerror: ((event: { message: string }) => void) | undefined;
  readonly #stubs: WorkerHost;

  constructor(stubs: WorkerHost) {
    this.#stubs = stubs;
    stubs.workers.push(this);
  }

  postMessage(request: { type: string; stream: number; port?: StubPort }): void {
    const { type, stream, port } = request;
    if (type === "start") {
      const ready = { type: "ready", engineVersion: "0.23.9", framesPerPulse: 1, watched: false };
      this.#stubs.whenEngine(() => this.#report(ready));
    } else if (type === "finish") this.#report({ type: "finished", stream });
    else if (type === "begin" && port) {
      port.onmessage = () => this.#report({ type: "finished", stream });
    }
  }

  terminate(): void {
    this.alive = false;
  }

  die(): void {
    if (this.alive) this.onerror?.({ message: "killed" });
  }

  #report(data: unknown): void {
    queueMicrotask(() => this.alive && this.onmessage?.({ data }));
  }
}

export const archiveBytes = Uint8Array.of(0x1f, 0x8b, 1, 2);

export const manifestBytes = (() => {
  const port = (name: string, fact: string) => ({ name, fact });
  const file = (path: string) => ({ path, size: archiveBytes.length, sha256: "0".repeat(64) });
  const manifest = {
    schema: 1,
    id: "stub",
    title: "A stub",
    source: { model: "none", weights: "none" },
    licence: { name: "MIT" },
    engine: { made: "0.23.9", oldest: "0.23.9" },
    symbols: ["T"],
    asserts: [],
    modes: {},
    inputs: [port("input", "T,512,f32")],
    outputs: [port("probability", "T,1,f32")],
    pulses: [
      {
        file: "pulse-T1.nnef.tgz",
        symbol: "T",
        pulse: 1,
        delay: 0,
        inputAxes: [0],
        outputAxes: [0],
        warmUp: 0,
      },
    ],
    audio: { sampleRate: 16_000, samplesPerPulse: 512, frontEnd: "none" },
    verified: [
      {
        claim: "whole",
        file: "model.nnef.tgz",
        against: "nothing",
        sizes: [{ T: 1 }],
        tolerance: 1,
        largestError: 0,
        comparedLength: 1,
        again: false,
      },
    ],
    files: [file("model.nnef.tgz"), file("pulse-T1.nnef.tgz")],
  };
  return new TextEncoder().encode(JSON.stringify(manifest));
})();
