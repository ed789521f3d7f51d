import { vi } from "vitest";
import { archiveBytes, manifestBytes, StubChannel, StubPort, StubWorker } from "./worker-stubs.js";

/**
 * The parts of a browser that a session owns, as objects that can be counted: tracks, audio contexts and workers.
 * Everything happens in microtasks and fake timers, so that one order of events takes a fraction of a millisecond.
 */
export class BrowserStubs {
  readonly tracks: StubTrack[] = [];
  readonly contexts: StubContext[] = [];
  readonly workers: StubWorker[] = [];
  /** Questions to the person that are not yet answered. */
  readonly questions: Question[] = [];
  /** Constraints of each question. */
  readonly asked: MediaStreamConstraints[] = [];
  /** Thrown by the next AudioContext, audio source, worklet module or AudioWorkletNode. */
  failing: "context" | "source" | "module" | "node" | undefined;
  /** Answers `resume()` by another interruption, as iOS does during a call. */
  interrupting = false;
  /** Whether the worker starts by itself; if not, `engineArrives` is called. */
  holdEngine = false;
  readonly #waitingEngines: (() => void)[] = [];
  readonly documentListeners = new EventTarget();

  install(): void {
    const stubs = this;
    vi.stubGlobal(
      "AudioContext",
      class extends StubContext {
        constructor() {
          super(stubs);
        }
      },
    );
    vi.stubGlobal(
      "AudioWorkletNode",
      class {
        readonly port: StubPort;
        constructor(context: StubContext) {
          stubs.#failAt("node");
          this.port = new StubPort();
          const toNode = this.port.peer();
          toNode.onmessage = ({ data }) =>
            context.command(data as { type: string; port?: StubPort });
        }
        connect(): void {}
        disconnect(): void {}
      },
    );
    vi.stubGlobal("MessageChannel", StubChannel);
    vi.stubGlobal(
      "Worker",
      class extends StubWorker {
        constructor() {
          super(stubs);
        }
      },
    );
    vi.stubGlobal("document", {
      baseURI: "https://site.example/",
      addEventListener: (...args: Parameters<EventTarget["addEventListener"]>) =>
        this.documentListeners.addEventListener(...args),
      removeEventListener: (...args: Parameters<EventTarget["removeEventListener"]>) =>
        this.documentListeners.removeEventListener(...args),
      visibilityState: "visible",
    });
    const mediaDevices = Object.assign(new EventTarget(), {
      enumerateDevices: async () => [],
      getUserMedia: (constraints: MediaStreamConstraints) => {
        this.asked.push(constraints);
        return new Promise<MediaStream>((resolve, reject) => {
          this.questions.push({
            allow: () => resolve(this.stream()),
            refuse: () => reject(Object.assign(new Error("no"), { name: "NotAllowedError" })),
          });
        });
      },
    });
    vi.stubGlobal("navigator", { mediaDevices });
    vi.stubGlobal("crypto", { getRandomValues: (array: Uint32Array) => array });
    vi.stubGlobal("fetch", async (url: URL | string) => this.#fetch(String(url)));
    const compile = WebAssembly.compile;
    // Node compiles modules of its own.
    vi.spyOn(WebAssembly, "compile").mockImplementation(async (bytes) =>
      bytes.byteLength > archiveBytes.length ? compile(bytes) : ({} as WebAssembly.Module),
    );
  }

  /** A stream of one new track. */
  stream(tracks = 1): MediaStream {
    const made = Array.from({ length: tracks }, () => new StubTrack());
    this.tracks.push(...made);
    return { getTracks: () => made, getAudioTracks: () => made } as unknown as MediaStream;
  }

  /** Answers the oldest question. */
  answer(allowed: boolean): void {
    const question = this.questions.shift();
    if (allowed) question?.allow();
    else question?.refuse();
  }

  engineArrives(): void {
    this.holdEngine = false;
    for (const start of this.#waitingEngines.splice(0)) start();
  }

  /** Calls `start` once the engine is there. */
  whenEngine(start: () => void): void {
    if (this.holdEngine) this.#waitingEngines.push(start);
    else queueMicrotask(start);
  }

  /** What is still alive, by kind. */
  get left(): { tracks: number; contexts: number; workers: number } {
    return {
      tracks: this.tracks.filter((track) => track.readyState === "live").length,
      contexts: this.contexts.filter((context) => context.state !== "closed").length,
      workers: this.workers.filter((worker) => worker.alive).length,
    };
  }

  #failAt(place: NonNullable<BrowserStubs["failing"]>): void {
    if (this.failing !== place) return;
    this.failing = undefined;
    throw new DOMException(`no ${place}`, "InvalidStateError");
  }

  /** @internal */
  check(place: NonNullable<BrowserStubs["failing"]>): void {
    this.#failAt(place);
  }

  #fetch(url: string) {
    const bytes = url.endsWith("manifest.json") ? manifestBytes : archiveBytes;
    return {
      ok: true,
      status: 200,
      headers: { get: () => null },
      body: null,
      arrayBuffer: async () => bytes.slice().buffer,
    };
  }
}

interface Question {
  allow(): void;
  refuse(): void;
}

/** Runs what is due now: every promise that can settle without a timer has. */
export async function settle(): Promise<void> {
  for (let n = 0; n < 40; n++) await undefined;
}

/** Lets the fake clock run, promises included. */
export async function wait(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    vi.advanceTimersByTime(Math.min(250, ms - passed));
    await settle();
  }
}

class StubTrack extends EventTarget {
  readyState: "live" | "ended" = "live";
  stop(): void {
    this.readyState = "ended";
  }
  /** The device is gone. */
  vanish(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
  getSettings(): MediaTrackSettings {
    return { deviceId: "microphone-1" };
  }
}

class StubContext extends EventTarget {
  state: string = "suspended";
  readonly sampleRate = 48_000;
  currentTime = 0;
  resumed = 0;
  readonly destination = {};
  readonly audioWorklet = {
    addModule: async () => {
      this.#stubs.check("module");
    },
  };
  readonly #stubs: BrowserStubs;
  #out: StubPort | undefined;

  constructor(stubs: BrowserStubs) {
    super();
    stubs.check("context");
    this.#stubs = stubs;
    stubs.contexts.push(this);
    queueMicrotask(() => this.become("running"));
  }

  createMediaStreamSource(stream: MediaStream) {
    this.#stubs.check("source");
    if (stream.getAudioTracks().length === 0)
      throw new DOMException("no audio", "InvalidStateError");
    return { connect: () => undefined, disconnect: () => undefined };
  }

  become(state: string): void {
    if (this.state === "closed" || this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }

  async resume(): Promise<void> {
    this.resumed += 1;
    if (this.resumed > 1000) throw new Error("resumed in a loop");
    await undefined;
    if (this.#stubs.interrupting) {
      this.state = "interrupted";
      this.dispatchEvent(new Event("statechange"));
    } else this.become("running");
  }

  async close(): Promise<void> {
    this.become("closed");
  }

  /** What the page tells the audio thread. */
  command({ type, port }: { type: string; port?: StubPort }): void {
    if (type === "begin") this.#out = port;
    // A context that is not running has no audio thread that could answer.
    else if (this.state === "running") this.#out?.postMessage({ type: "end", lost: 0 });
  }
}
