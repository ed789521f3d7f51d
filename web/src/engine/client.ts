import { BundleError, EngineError, type VadError } from "../base/errors.js";
import { watchLife } from "./life.js";
import type { Failure, ModelSetup, Report, Request } from "./protocol.js";

/** What the worker says of one stream. */
export type StreamReport = Extract<
  Report,
  { type: "heard" | "finished" | "silent" | "memories" | "values" }
>;

/** Told what became of a stream. */
export interface StreamListener {
  report(report: StreamReport): void;
  /** The stream is over. */
  failed(error: VadError): void;
}

/** A stream in the worker, as a page speaks to it. */
export interface EngineStream {
  send(request: StreamRequest, transfer?: Transferable[]): void;
  close(): void;
}

type WithoutStream<R> = R extends { readonly stream: number } ? Omit<R, "stream"> : never;
type StreamRequest = WithoutStream<Exclude<Request, { type: "open" | "close" }>>;

type Ready = Extract<Report, { type: "ready" }>;

/** What an engine starts with. */
export interface Prepared {
  readonly wasm: WebAssembly.Module;
  readonly model: ModelSetup;
  /** Of the model's archive, for errors. */
  readonly url: string;
}

/** The engine in its worker: one model, any number of streams. */
export class EngineClient {
  /** Version of tract. */
  readonly engineVersion: string;
  readonly framesPerPulse: number;
  readonly #worker: Worker;
  readonly #listeners = new Map<number, StreamListener>();
  readonly #over = new AbortController();
  #streams = 0;
  #failure: VadError | undefined;

  private constructor(worker: Worker, ready: Ready, life: string) {
    this.#worker = worker;
    this.engineVersion = ready.engineVersion;
    this.framesPerPulse = ready.framesPerPulse;
    worker.onmessage = ({ data }: MessageEvent<Report>) => this.#route(data);
    worker.onerror = (event) => this.#die(unreachable(event));
    const ended = "The engine's worker was ended from outside.";
    if (ready.watched) {
      watchLife(life, this.#over.signal, () => this.#die(new EngineError(ended, "engine-died")));
    }
  }

  /**
   * Starts the worker, and the engine in it once the model is there.
   * @param prepare fetches engine and model; the worker loads meanwhile
   * @throws EngineError, BundleError, and what `prepare` throws; the worker is then ended
   */
  static async start(workerUrl: URL, prepare: () => Promise<Prepared>): Promise<EngineClient> {
    const worker = new Worker(workerUrl, { type: "module", name: "nnef-pulse engine" });
    const failed = new Promise<never>((_, reject) => {
      worker.onerror = (event) => reject(unreachable(event));
    });
    try {
      const { wasm, model, url } = await Promise.race([prepare(), failed]);
      const ready = new Promise<Ready>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Report>) => {
          if (data.type === "ready") resolve(data);
          else if (data.type === "failed") reject(errorOf(data.failure, url));
        };
      });
      const life = `nnef-pulse ${Array.from(crypto.getRandomValues(new Uint32Array(4))).join("-")}`;
      const request: Request = { type: "start", wasm, model, life };
      worker.postMessage(request, [model.archive.buffer]);
      return new EngineClient(worker, await Promise.race([ready, failed]), life);
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  /** @throws EngineError when the engine has died */
  open(listener: StreamListener): EngineStream {
    if (this.#failure !== undefined) throw this.#failure;
    const stream = this.#streams++;
    this.#listeners.set(stream, listener);
    this.#post({ type: "open", stream });
    return {
      send: (request, transfer = []) => this.#post({ ...request, stream } as Request, transfer),
      close: () => {
        if (this.#listeners.delete(stream)) this.#post({ type: "close", stream });
      },
    };
  }

  /** Ends the worker; streams still open are told nothing. */
  close(): void {
    this.#over.abort();
    this.#listeners.clear();
    this.#worker.terminate();
  }

  #post(request: Request, transfer: Transferable[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #route(report: Report): void {
    if (report.type === "ready") return;
    if (report.type !== "failed") this.#listeners.get(report.stream)?.report(report);
    else if (report.stream === undefined) this.#die(errorOf(report.failure, ""));
    else this.#fail(report.stream, errorOf(report.failure, ""));
  }

  #fail(stream: number, error: VadError): void {
    const listener = this.#listeners.get(stream);
    this.#listeners.delete(stream);
    listener?.failed(error);
  }

  #die(error: VadError): void {
    this.#failure = error;
    this.#over.abort();
    this.#worker.terminate();
    for (const stream of [...this.#listeners.keys()]) this.#fail(stream, error);
  }
}

function unreachable(event: ErrorEvent): EngineError {
  // A worker whose file cannot be fetched gives an event without a message.
  const died = event.message !== undefined && event.message !== "";
  return died
    ? new EngineError(`The engine's worker failed: ${event.message}`, "engine-died", event.error)
    : new EngineError("The engine's worker could not be loaded.", "engine-unreachable");
}

function errorOf({ kind, message, causes }: Failure, file: string): VadError {
  const cause = causes.reduceRight<Error | undefined>(
    (inner, text) => new Error(text, { cause: inner }),
    undefined,
  );
  switch (kind) {
    case "engine-died":
    case "run-failed":
      return new EngineError(`The engine failed: ${message}`, kind, cause);
    case "engine-too-old":
      return new BundleError(message, kind, { file, field: "engine.oldest" }, cause);
    case "model-refused":
    case "not-for-audio":
      return new BundleError(message, kind, { file }, cause);
  }
}
