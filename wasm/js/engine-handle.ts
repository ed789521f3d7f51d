import { DisposedError } from "./errors.js";
import type { Instance } from "./instance.js";

// Older runtimes have no Symbol.dispose; compiled `using` looks for this symbol there.
export const disposeSymbol: typeof Symbol.dispose =
  Symbol.dispose ?? (Symbol.for("Symbol.dispose") as typeof Symbol.dispose);

/** Frees handles that were not disposed of, whenever the garbage collector finds them. */
const registry = new FinalizationRegistry<{ instance: Instance; id: number }>(
  ({ instance, id }) => {
    try {
      instance.call("dispose", id);
    } catch {
      // The instance is gone, and its memory with it.
    }
  },
);

/** An owned handle of an object in the engine. */
export class EngineHandle {
  readonly instance: Instance;
  readonly #kind: string;
  #id: number;

  constructor(instance: Instance, id: number, kind: string) {
    this.instance = instance;
    this.#kind = kind;
    this.#id = id;
    registry.register(this, { instance, id }, this);
  }

  get id(): number {
    if (this.#id === 0) {
      this.instance.check();
      throw new DisposedError(`this ${this.#kind} was disposed of`);
    }
    return this.#id;
  }

  dispose(): void {
    if (this.#id === 0) return;
    registry.unregister(this);
    const id = this.#id;
    this.#id = 0;
    try {
      this.instance.check();
    } catch {
      return;
    }
    this.instance.call("dispose", id);
  }
}
