import { limitsFrom, readArchive } from "../archive.js";
import { checkOptions } from "../checks/options.js";
import { className } from "../checks/realms.js";
import { DisposedError, errorFrom, type TractError, WorkerError } from "../errors.js";
import type { Limits, Model, Runnable, Source, State, Tract } from "../types.js";
import {
  type HandleMessage,
  METHODS,
  type Reply,
  type Request,
  type VisibleFields,
} from "./protocol.js";
import { startThread, type Thread } from "./thread.js";

/** The client's type for a value of the engine: handles become remote objects. */
type Received<T> = T extends Model
  ? RemoteModel
  : T extends Runnable
    ? RemoteRunnable
    : T extends State
      ? RemoteState
      : T;

/** The same methods, each returning a promise; `dispose` has no reply. */
type Remote<T> = {
  readonly [K in keyof T]: K extends "dispose" | typeof Symbol.dispose
    ? T[K]
    : T[K] extends (...args: infer Args) => infer Result
      ? (...args: Args) => Promise<Received<Awaited<Result>>>
      : T[K];
};

/** A {@link Model} in the worker. */
export interface RemoteModel extends Omit<Remote<Model>, "toTar"> {}
/** A {@link Runnable} in the worker. */
export interface RemoteRunnable extends Remote<Runnable> {}
/** A {@link State} in the worker. Calls are answered in order. */
export interface RemoteState extends Remote<State> {}

/** The engine in a worker. */
export interface RemoteTract extends Omit<Remote<Tract>, "memoryBytes" | "loadTar"> {
  /** Bytes of WebAssembly memory. */
  memoryBytes(): Promise<number>;
}

export interface ConnectOptions {
  /**
   * Time limit of one call in milliseconds, fetching excluded. A worker that exceeds it is
   * terminated: that call and all pending ones reject. Default: no limit.
   */
  deadlineMs?: number;
  /** URL of the engine, or the compiled module. Default: the file beside the package. */
  wasm?: URL | string | WebAssembly.Module;
  limits?: Limits;
  /** URL of the worker's script. Default: the file beside the package. */
  workerUrl?: URL | string;
}

/** Id of the first request, which fetches the engine: it has no deadline. */
const START_ID = 1;

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: TractError): void;
}

/**
 * Starts a worker and loads the engine in it.
 *
 * When the worker fails or is terminated, every pending and later call rejects with WorkerError.
 * Call connect again for a new worker.
 *
 * @throws LoadError when the engine cannot be loaded, WorkerError when the worker cannot start,
 *   InputError for an unknown option
 */
export async function connect(options: ConnectOptions = {}): Promise<RemoteTract> {
  checkOptions("connect", options, ["deadlineMs", "wasm", "limits", "workerUrl"]);
  const connection = new Connection(options);
  const { wasm } = options;
  const engine =
    className(wasm) === "URL" ? String(wasm) : (wasm as string | WebAssembly.Module | undefined);
  try {
    return (await connection.ask((id) => ({
      type: "start",
      id,
      wasm: engine,
      limits: connection.limits,
    }))) as RemoteTract;
  } catch (error) {
    connection.end(new DisposedError("the engine was not started"));
    throw error;
  }
}

class Connection {
  readonly limits: Required<Limits>;
  readonly #thread: Thread;
  readonly #deadlineMs: number | undefined;
  /** In the order of the requests: the worker is at the first one. */
  readonly #pending = new Map<number, PendingCall>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = 0;
  #endError: TractError | undefined;

  constructor({ deadlineMs, limits, workerUrl }: ConnectOptions) {
    if (deadlineMs !== undefined && !(deadlineMs > 0)) {
      throw new TypeError(`deadlineMs must be above 0, not ${deadlineMs}`);
    }
    this.limits = limitsFrom(limits);
    this.#deadlineMs = deadlineMs;
    this.#thread = startThread(workerUrl, {
      reply: (message) => this.#receive(message),
      failed: (why) =>
        this.end(new WorkerError(`the worker failed: ${why}; call connect again`, "worker")),
    });
  }

  check(): void {
    if (this.#endError !== undefined) throw copyOf(this.#endError);
  }

  ask(
    request: (id: number) => Exclude<Request, { type: "dispose" }>,
    transfer: Transferable[] = [],
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.check();
      const id = ++this.#last;
      this.#thread.post(request(id), transfer);
      this.#pending.set(id, { resolve, reject });
      if (this.#pending.size === 1) this.#startDeadline();
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
    if (this.#endError === undefined) this.#thread.post({ type: "dispose", handle }, []);
  }

  /** Terminates the worker and rejects every pending and later call; `first` is the error of the current one. */
  end(why: TractError, first: TractError = why): void {
    if (this.#endError !== undefined) return;
    this.#endError = why;
    clearTimeout(this.#timer);
    this.#thread.end();
    let error = first;
    for (const { reject } of this.#pending.values()) {
      reject(error);
      error = why;
    }
    this.#pending.clear();
  }

  #receive(message: Reply): void {
    const call = this.#pending.get(message.id);
    if (call === undefined) return;
    this.#pending.delete(message.id);
    this.#startDeadline();
    switch (message.type) {
      case "value":
        call.resolve(message.value);
        return;
      case "handle":
        call.resolve(remoteObject(this, message.handle));
        return;
      case "error":
        call.reject(errorFrom(message.error));
    }
  }

  /** Starts the deadline of the call the worker is at. */
  #startDeadline(): void {
    clearTimeout(this.#timer);
    const [at] = this.#pending.keys();
    if (this.#deadlineMs === undefined || at === undefined || at === START_ID) return;
    const ms = this.#deadlineMs;
    this.#timer = setTimeout(() => {
      const overrun = new WorkerError(
        `the call took longer than ${ms} ms; the worker was terminated`,
        "deadline",
      );
      const ended = new WorkerError(
        "the worker was terminated because an earlier call exceeded the deadline",
        "worker",
      );
      this.end(ended, overrun);
    }, ms);
  }
}

function copyOf(error: TractError): TractError {
  return error instanceof DisposedError
    ? new DisposedError(error.message)
    : new WorkerError(error.message, "worker", { cause: error });
}

/** Creates the remote object for a handle. */
function remoteObject(connection: Connection, { kind, handle, fields }: HandleMessage): unknown {
  let isDisposed = false;
  const base = { ...(fields as VisibleFields[keyof VisibleFields]) } as Record<
    string | symbol,
    unknown
  >;
  for (const method of METHODS[kind]) {
    base[method] = async (...args: unknown[]) => {
      connection.check();
      if (isDisposed) throw new DisposedError(`this ${kind} was disposed of`);
      return connection.call(handle, method, args);
    };
  }
  const dispose = (): void => {
    if (isDisposed) return;
    isDisposed = true;
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
