import type { Tensors } from "tract-wasm";

/** Engines of `tract-wasm/worker` that run nothing: each answers a run in a microtask by its own input. */
export class EngineStubs {
  /** Engines that nobody has disposed of. */
  readonly live = new Set<EngineStub>();
  /** Whether `connect` waits for `arrive`. */
  hold = false;
  #waiting: (() => void)[] = [];

  readonly connect = async () => {
    if (this.hold) await new Promise<void>((go) => this.#waiting.push(go));
    await undefined;
    const engine = new EngineStub(this.live);
    this.live.add(engine);
    return engine;
  };

  arrive(): void {
    this.hold = false;
    for (const go of this.#waiting.splice(0)) go();
  }
}

export class EngineStub {
  readonly version = { tract: "0.23.9" };
  readonly #live: Set<EngineStub>;
  #isDead = false;

  constructor(live: Set<EngineStub>) {
    this.#live = live;
  }

  /** The worker ends without a word: every later call fails. */
  die(): void {
    this.#isDead = true;
  }

  dispose(): void {
    this.#live.delete(this);
  }

  async load() {
    this.#check();
    const port = (name: string) => ({
      name,
      fact: "1,1,160,f32",
      dtype: "f32",
      shape: [1, 1, 160],
    });
    const spawnState = async () => {
      this.#check();
      return {
        run: async ({ x }: Tensors) => {
          await undefined;
          this.#check();
          return { y: x };
        },
        reset: async () => this.#check(),
        dispose: () => undefined,
      };
    };
    const dispose = () => undefined;
    const runnable = { inputs: [port("x")], outputs: [port("y")], spawnState, dispose };
    return { symbols: [], properties: {}, prepare: async () => runnable, dispose };
  }

  #check(): void {
    if (this.#isDead) throw Object.assign(new Error("the worker ended"), { code: "worker" });
  }
}
