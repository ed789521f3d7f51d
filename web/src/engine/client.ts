import { abortable } from "../base/abortable.js";
import { assetsHint } from "../base/assets.js";
import { BundleError, EngineError, type VadError } from "../base/errors.js";
import { watchAliveLock } from "./alive-lock.js";
import type { Failure, ModelSetup, WorkerReport, WorkerRequest } from "./protocol.js";
import { explainWorkerError, startWorker } from "./start-worker.js";

/** A worker's report about one stream. */
export type StreamReport = Extract<
  WorkerReport,
  { type: "processed" | "finished" | "silent" | "memories" | "values" }
>;

/** Receives the reports of one stream. */
export interface StreamListener {
  report(report: StreamReport): void;
  /** The stream has failed; no report follows. */
  failed(error: VadError): void;
}

/** A stream in the worker. */
export interface EngineStream {
  send(request: StreamRequest, transfer?: Transferable[]): void;
  close(): void;
}

type WithoutStream<R> = R extends { readonly stream: number } ? Omit<R, "stream"> : never;
type StreamRequest = WithoutStream<Exclude<WorkerRequest, { type: "open" | "close" }>>;

type Ready = Extract<WorkerReport, { type: "ready" }>;

/** The compiled engine and the model it runs. */
export interface EngineSources {
  readonly wasm: WebAssembly.Module;
  readonly model: ModelSetup;
  /** URL of the model's archive, for errors. */
  readonly url: string;
}

/** The engine in its worker: one model, any number of concurrent streams. */
export class EngineClient {
  /** Version of tract. */
  readonly engineVersion: string;
  readonly framesPerPulse: number;
  readonly #worker: Worker;
  readonly #listeners = new Map<number, StreamListener>();
  readonly #closed = new AbortController();
  #nextStream = 0;
  #failure: VadError | undefined;

  private constructor(worker: Worker, workerUrl: URL, ready: Ready, aliveLock: string) {
    this.#worker = worker;
    this.engineVersion = ready.engineVersion;
    this.framesPerPulse = ready.framesPerPulse;
    worker.onmessage = ({ data }: MessageEvent<WorkerReport>) => this.#route(data);
    worker.onerror = (event) => this.#engineFailed(workerError(event, workerUrl));
    const ended = "The browser terminated the engine's worker.";
    if (ready.holdsLock) {
      watchAliveLock(aliveLock, this.#closed.signal, () =>
        this.#engineFailed(new EngineError(ended, "engine-died")),
      );
    }
  }

  /**
   * Starts the worker; starts the engine in it once engine and model have been fetched.
   * @param prepare fetches engine and model, while the worker loads
   * @throws EngineError, BundleError, what `prepare` throws, or the signal's reason; the worker is then terminated
   */
  static async start(
    workerUrl: URL,
    prepare: () => Promise<EngineSources>,
    signal?: AbortSignal,
  ): Promise<EngineClient> {
    signal?.throwIfAborted();
    const worker = startWorker(workerUrl);
    const failed = new Promise<never>((_, reject) => {
      worker.onerror = (event) => reject(workerError(event, workerUrl));
    }).catch(async (error) => {
      throw await explainWorkerError(error, workerUrl);
    });
    try {
      const { wasm, model, url } = await abortable(Promise.race([prepare(), failed]), signal);
      const ready = new Promise<Ready>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<WorkerReport>) => {
          if (data.type === "ready") resolve(data);
          else if (data.type === "failed") reject(errorOf(data.failure, url));
        };
      });
      const aliveLock = `nnef-pulse ${Array.from(crypto.getRandomValues(new Uint32Array(4))).join("-")}`;
      const request: WorkerRequest = { type: "start", wasm, model, aliveLock };
      worker.postMessage(request, [model.archive.buffer]);
      const started = await abortable(Promise.race([ready, failed]), signal);
      return new EngineClient(worker, workerUrl, started, aliveLock);
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  /** @throws EngineError when the engine has failed */
  open(listener: StreamListener): EngineStream {
    if (this.#failure !== undefined) throw this.#failure;
    const stream = this.#nextStream++;
    this.#listeners.set(stream, listener);
    this.#post({ type: "open", stream });
    return {
      send: (request, transfer = []) =>
        this.#post({ ...request, stream } as WorkerRequest, transfer),
      close: () => {
        if (this.#listeners.delete(stream)) this.#post({ type: "close", stream });
      },
    };
  }

  /** Terminates the worker. Listeners of open streams are not called. */
  close(): void {
    this.#closed.abort();
    this.#listeners.clear();
    this.#worker.terminate();
  }

  #post(request: WorkerRequest, transfer: Transferable[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #route(report: WorkerReport): void {
    if (report.type === "ready") return;
    if (report.type !== "failed") this.#listeners.get(report.stream)?.report(report);
    else if (report.stream === undefined) this.#engineFailed(errorOf(report.failure, ""));
    else this.#fail(report.stream, errorOf(report.failure, ""));
  }

  #fail(stream: number, error: VadError): void {
    const listener = this.#listeners.get(stream);
    this.#listeners.delete(stream);
    listener?.failed(error);
  }

  #engineFailed(error: VadError): void {
    this.#failure = error;
    this.#closed.abort();
    this.#worker.terminate();
    for (const stream of [...this.#listeners.keys()]) this.#fail(stream, error);
  }
}

function workerError(event: ErrorEvent, url: URL): EngineError {
  // A worker whose file cannot be fetched fires an error event without a message.
  const hasStarted = event.message !== undefined && event.message !== "";
  return hasStarted
    ? new EngineError(`The engine's worker failed: ${event.message}`, "engine-died", event.error)
    : new EngineError(`${url.href} could not be loaded. ${assetsHint}`, "engine-unreachable");
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
