import { DisposedError, errorFrom, LoadError, type PlainError, TrapError } from "./errors.js";
import { packageVersion } from "./version.js";

/** The module's exports (`src/abi/exports.rs`), besides its memory and constructors. */
interface Calls {
  versions(): number;
  load_model(archive: number, limits: number): number;
  model_about(model: number): number;
  model_set_symbols(model: number, length: number): number;
  model_pulse(model: number, length: number): number;
  model_graph(model: number): number;
  model_write(model: number): number;
  model_prepare(model: number, optimize: number): number;
  runnable_steps(runnable: number): number;
  runnable_run(runnable: number): number;
  runnable_profile(runnable: number, rounds: number): number;
  runnable_spawn(runnable: number): number;
  state_run(state: number): number;
  state_trace(state: number): number;
  state_clone(state: number): number;
  state_reset(state: number): number;
  dispose(handle: number): number;
  exchange(length: number): number;
}

interface Exports extends Calls {
  memory: WebAssembly.Memory;
  __wasm_call_ctors(): void;
  control(): number;
  refused(): number;
}

/** Offsets in the control block, in 32-bit words. */
const Control = {
  exchangeAt: 0,
  exchangeSize: 1,
  replyAt: 2,
  replySize: 3,
  panicAt: 4,
  panicSize: 5,
} as const;

const FAILED = -1;
const PAGE = 65_536;
const IMPORTS = { host: { now: () => performance.now() } };
const utf8 = new TextDecoder();
const toUtf8 = new TextEncoder();

/**
 * An instance of the module, and the only code that accesses its memory. Nothing it returns shares
 * that memory.
 */
export class Instance {
  readonly #module: WebAssembly.Module;
  #exports: Exports;
  readonly #control: number;
  #words: Uint32Array;
  #end: TrapError | DisposedError | undefined;

  private constructor(module: WebAssembly.Module, exports: Exports) {
    this.#module = module;
    this.#exports = exports;
    exports.__wasm_call_ctors();
    this.#control = exports.control() >>> 2;
    this.#words = new Uint32Array(exports.memory.buffer);
  }

  /** Instantiates the module; asynchronously, because browsers refuse to instantiate a large one synchronously. */
  static async of(module: WebAssembly.Module): Promise<Instance> {
    try {
      const { exports } = await WebAssembly.instantiate(module, IMPORTS);
      return new Instance(module, exports as unknown as Exports);
    } catch (cause) {
      const what = "this WebAssembly module is not the engine of this package";
      throw new LoadError(what, "wasm", { cause });
    }
  }

  /** Checks that the module has this package's version; returns the version of tract. */
  handshake(): string {
    const inside = this.json<{ package: string; tract: string }>("versions");
    if (inside.package !== packageVersion) {
      throw new LoadError(
        `tract-wasm ${packageVersion} was given the engine of ${inside.package}: ` +
          "serve both files from the same version of the package",
        "version",
      );
    }
    return inside.tract;
  }

  get memoryBytes(): number {
    return this.#end ? 0 : this.#exports.memory.buffer.byteLength;
  }

  /** Throws if the instance has trapped or was disposed of. */
  check(): void {
    if (this.#end instanceof TrapError) {
      throw new TrapError(`the engine trapped earlier: ${this.#end.message}`, {
        causes: this.#end.causes,
        cause: this.#end,
      });
    }
    if (this.#end !== undefined) throw new DisposedError(this.#end.message);
  }

  end(): void {
    this.#end ??= new DisposedError("the engine was disposed of");
  }

  /** Calls the module and returns its result. Any exception ends the instance. */
  call<Name extends keyof Calls>(name: Name, ...args: Parameters<Calls[Name]>): number {
    if (this.#end !== undefined) this.check();
    let status: number;
    try {
      status = (this.#exports[name] as (...args: number[]) => number)(...args);
    } catch (cause) {
      throw this.#trapped(cause);
    }
    if (status === FAILED) throw errorFrom(JSON.parse(this.replyText()) as PlainError);
    return status;
  }

  /**
   * Calls `work`, which reads what nobody has checked. If it traps, the instance becomes again what it
   * was before, and LoadError is thrown: other models in it are not lost.
   */
  async guarded<T>(work: () => T): Promise<T> {
    const before = this.#copyOfMemory();
    try {
      return work();
    } catch (error) {
      if (!(error instanceof TrapError) || before === undefined) throw error;
      const fresh = this.#instantiate() ?? (await WebAssembly.instantiate(this.#module, IMPORTS));
      throw this.#restore(fresh, before, error);
    }
  }

  /** As `guarded`, for callers that cannot await. A browser's main thread may not instantiate: there the trap stays. */
  guardedNow<T>(work: () => T): T {
    const before = this.#copyOfMemory();
    try {
      return work();
    } catch (error) {
      const fresh = error instanceof TrapError && before && this.#instantiate();
      throw fresh ? this.#restore(fresh, before, error) : error;
    }
  }

  #copyOfMemory(): Uint8Array | undefined {
    try {
      return new Uint8Array(this.buffer).slice();
    } catch {
      return undefined;
    }
  }

  #instantiate(): WebAssembly.Instance | undefined {
    try {
      return new WebAssembly.Instance(this.#module, IMPORTS);
    } catch {
      return undefined;
    }
  }

  /** Continues in `fresh`: a trap leaves the stack pointer of the old one where it was, and memory never shrinks. */
  #restore(fresh: WebAssembly.Instance, before: Uint8Array, trap: TrapError): LoadError {
    const exports = fresh.exports as unknown as Exports;
    const { memory } = exports;
    memory.grow((before.length - memory.buffer.byteLength) / PAGE);
    new Uint8Array(memory.buffer).set(before);
    this.#exports = exports;
    this.#words = new Uint32Array(memory.buffer);
    this.#end = undefined;
    const [why = ""] = trap.causes;
    const isLimit = /^out of memory|^the stack/.test(why);
    const what = `the engine cannot load this model: ${why}`;
    return new LoadError(what, isLimit ? "limit" : "model", { causes: trap.causes, cause: trap });
  }

  /** Calls the module and returns its JSON reply. */
  json<T>(name: keyof Calls, ...args: number[]): T {
    this.call(name, ...(args as Parameters<Calls[typeof name]>));
    return JSON.parse(this.replyText()) as T;
  }

  /** Address of an exchange buffer of at least `bytes`. Valid until the next call. */
  exchange(bytes: number): number {
    if (this.#word(Control.exchangeSize) < bytes) this.call("exchange", bytes);
    return this.#word(Control.exchangeAt);
  }

  /** Writes bytes and texts to the exchange buffer, one after the other; returns their lengths in bytes. */
  send(...parts: (Uint8Array | string)[]): number[] {
    const bytes = parts.map((part) => (typeof part === "string" ? toUtf8.encode(part) : part));
    let at = this.exchange(bytes.reduce((sum, part) => sum + part.length, 0));
    const memory = new Uint8Array(this.buffer);
    for (const part of bytes) {
      memory.set(part, at);
      at += part.length;
    }
    return bytes.map((part) => part.length);
  }

  get buffer(): ArrayBuffer {
    return this.#exports.memory.buffer as ArrayBuffer;
  }

  /** Address of the reply. Valid until the next call. */
  get replyAt(): number {
    return this.#word(Control.replyAt);
  }

  replyBytes(): Uint8Array {
    return new Uint8Array(this.buffer, this.replyAt, this.#word(Control.replySize)).slice();
  }

  replyText(): string {
    return this.#text(this.replyAt, this.#word(Control.replySize));
  }

  #text(at: number, size: number): string {
    return utf8.decode(new Uint8Array(this.buffer, at, size));
  }

  #word(place: number): number {
    // Memory that has grown has a new buffer.
    if (this.#words.length === 0) this.#words = new Uint32Array(this.buffer);
    return this.#words[this.#control + place] as number;
  }

  #trapped(cause: unknown): TrapError {
    const refused = new DataView(this.buffer).getUint32(this.#exports.refused(), true);
    const said = this.#text(this.#word(Control.panicAt), this.#word(Control.panicSize));
    const why =
      (refused > 0 && `out of memory: allocating ${refused} bytes failed`) ||
      said ||
      (cause instanceof RangeError && "the stack is exhausted") ||
      String(cause);
    const trap = new TrapError(`the engine trapped: ${why}; load it again`, {
      causes: [why, said, String(cause)].filter(
        (text, ix, all) => text !== "" && all.indexOf(text) === ix,
      ),
      cause,
    });
    this.#end = trap;
    return trap;
  }
}
