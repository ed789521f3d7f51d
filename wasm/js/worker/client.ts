import { limitsFrom, readArchive } from "../archive.js";
import { DisposedError, errorFrom, type TractError, WorkerError } from "../errors.js";
import type { Limits, Model, Runnable, Source, State, Tract } from "../types.js";
import { type HandleMessage, METHODS, type Reply, type Request, type Shown } from "./protocol.js";
import { startThread, type Thread } from "./thread.js";

/** What a value of the engine is on this side: handles become their remote twins. */
type Crossed<T> = T extends Model
  ? RemoteModel
  : T extends Runnable
    ? RemoteRunnable
    : T extends State
      ? RemoteState
      : T;

/** The same methods, each giving a promise. Freeing needs no answer. */
type Remote<T> = {
  readonly [K in keyof T]: K extends "dispose" | typeof Symbol.dispose
    ? T[K]
    : T[K] extends (...args: infer Args) => infer Result
      ? (...args: Args) => Promise<Crossed<Awaited<Result>>>
      : T[K];
};

/** A {@link Model} in the worker. */
export interface RemoteModel extends Omit<Remote<Model>, "toTar"> {}
/** A {@link Runnable} in the worker. */
export interface RemoteRunnable extends Remote<Runnable> {}
/** A {@link State} in the worker. Calls are answered in the order in which they are made. */
export interface RemoteState extends Remote<State> {}

/** The engine in a worker. */
export interface RemoteTract extends Omit<Remote<Tract>, "memoryBytes" | "loadTar"> {
  /** Bytes of wasm memory held. */
  memoryBytes(): Promise<number>;
}

export interface ConnectOptions {
  /**
   * The longest the worker may take for one call, in milliseconds, fetching excluded. A worker
   * that overruns is ended: that call and all that wait reject. Without it, there is no limit.
   */
  deadlineMs?: number;
  /** The engine: where it lies, or the compiled module. Default: the file beside the package. */
  wasm?: URL | string | WebAssembly.Module;
  limits?: Limits;
  /** The worker's script, where a bundler or a policy asks for another place. */
  workerUrl?: URL | string;
}

/** The first request starts the engine, which is fetched then: it has no deadline. */
const STARTING = 1;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: TractError): void;
}

/**
 * Starts a worker and loads the engine in it.
 *
 * When the worker dies or is ended, every pending call rejects with WorkerError, later ones too;
 * connect again for a new one.
 *
 * @throws LoadError when the engine cannot be loaded, WorkerError when the worker cannot start
 */
export async function connect(options: ConnectOptions = {}): Promise<RemoteTract> {
  const connection = new Connection(options);
  const { wasm } = options;
  const engine =
    wasm instanceof URL ? wasm.href : (wasm as string | WebAssembly.Module | undefined);
  try {
    return (await connection.ask((id) => ({
      type: "start",
      id,
      wasm: engine,
      limits: connection.limits,
    }))) as RemoteTract;
  } catch (error) {
    connection.end(new DisposedError("the connection never began"));
    throw error;
  }
}

class Connection {
  readonly limits: Required<Limits>;
  readonly #thread: Thread;
  readonly #deadlineMs: number | undefined;
  /** In the order asked: the first is the one the worker is at. */
  readonly #waiting = new Map<number, Waiting>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = 0;
  #end: TractError | undefined;

  constructor({ deadlineMs, limits, workerUrl }: ConnectOptions) {
    if (deadlineMs !== undefined && !(deadlineMs > 0)) {
      throw new TypeError(`deadlineMs must be above 0, not ${deadlineMs}`);
    }
    this.limits = limitsFrom(limits);
    this.#deadlineMs = deadlineMs;
    this.#thread = startThread(workerUrl, {
      reply: (message) => this.#receive(message),
      died: (why) => this.end(new WorkerError(`the worker died: ${why}; connect again`, "worker")),
    });
  }

  check(): void {
    if (this.#end !== undefined) throw again(this.#end);
  }

  ask(
    request: (id: number) => Exclude<Request, { type: "dispose" }>,
    transfer: Transferable[] = [],
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.check();
      const id = ++this.#last;
      this.#thread.post(request(id), transfer);
      this.#waiting.set(id, { resolve, reject });
      if (this.#waiting.size === 1) this.#watch();
    });
  }

  call(
    handle: number,
    method: string,
    args: unknown[],
    transfer?: Transferable[],
  ): Promise<unknown> {
    return this.ask((id) => ({ type: "call", id, handle, method, args }), transfer);
  }

  dispose(handle: number): void {
    if (this.#end === undefined) this.#thread.post({ type: "dispose", handle }, []);
  }

  /** Ends the worker; what waits, and what comes later, rejects. */
  end(why: TractError, first: TractError = why): void {
    if (this.#end !== undefined) return;
    this.#end = why;
    clearTimeout(this.#timer);
    this.#thread.end();
    let error = first;
    for (const { reject } of this.#waiting.values()) {
      reject(error);
      error = why;
    }
    this.#waiting.clear();
  }

  #receive(message: Reply): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    this.#watch();
    switch (message.type) {
      case "value":
        waiting.resolve(message.value);
        return;
      case "handle":
        waiting.resolve(remote(this, message.handle));
        return;
      case "error":
        waiting.reject(errorFrom(message.error));
    }
  }

  /** The clock of the call the worker is at. */
  #watch(): void {
    clearTimeout(this.#timer);
    const [at] = this.#waiting.keys();
    if (this.#deadlineMs === undefined || at === undefined || at === STARTING) return;
    const ms = this.#deadlineMs;
    this.#timer = setTimeout(() => {
      const overrun = new WorkerError(
        `the worker took longer than ${ms} ms and was ended`,
        "deadline",
      );
      const ended = new WorkerError("the worker was ended for a call that took too long", "worker");
      this.end(ended, overrun);
    }, ms);
  }
}

function again(error: TractError): TractError {
  return error instanceof DisposedError
    ? new DisposedError(error.message)
    : new WorkerError(error.message, "worker", { cause: error });
}

/** Builds the object that stands for a handle in the worker. */
function remote(connection: Connection, { kind, handle, shown }: HandleMessage): unknown {
  let disposed = false;
  const base = { ...(shown as Shown[keyof Shown]) } as Record<string | symbol, unknown>;
  for (const method of METHODS[kind]) {
    base[method] = async (...args: unknown[]) => {
      connection.check();
      if (disposed) throw new DisposedError(`this ${kind} was disposed of`);
      return connection.call(handle, method, args);
    };
  }
  const dispose = (): void => {
    if (disposed) return;
    disposed = true;
    if (kind === "tract") connection.end(new DisposedError("the engine was disposed of"));
    else connection.dispose(handle);
  };
  base.dispose = dispose;
  base[Symbol.dispose ?? Symbol.for("Symbol.dispose")] = dispose;
  if (kind === "tract") {
    const load = base.load as (tar: Uint8Array) => Promise<RemoteModel>;
    base.load = async (source: Source) => {
      connection.check();
      return load(await readArchive(source, connection.limits));
    };
    base.memoryBytes = () => connection.ask((id) => ({ type: "memory", id }));
  }
  return base;
}
