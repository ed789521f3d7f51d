/// <reference lib="webworker" />
import { loadTract, TractError, TrapError } from "tract-wasm";
import { older } from "../bundle/version.js";
import { holdAliveLock } from "./alive-lock.js";
import type { Failure, WorkerReport, WorkerRequest } from "./protocol.js";
import { PulseModel, UnsupportedModelError } from "./pulse-model.js";
import { WorkerStream } from "./worker-stream.js";

declare const self: DedicatedWorkerGlobalScope;

let model: PulseModel | undefined;
const streams = new Map<number, WorkerStream>();

function report(message: WorkerReport, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}

self.addEventListener("message", ({ data }: MessageEvent<WorkerRequest>) => {
  if (data.type === "start") void start(data);
  else handle(data);
});

async function start({
  wasm,
  model: setup,
  aliveLock,
}: Extract<WorkerRequest, { type: "start" }>): Promise<void> {
  try {
    const alive = holdAliveLock(aliveLock);
    const tract = await loadTract({ wasm });
    const { tract: engineVersion } = tract.version;
    if (older(engineVersion, setup.oldestEngine)) {
      const message = `${setup.file} needs tract ${setup.oldestEngine} or later; this engine is ${engineVersion}.`;
      report({ type: "failed", failure: { kind: "engine-too-old", message, causes: [] } });
      return;
    }
    model = await PulseModel.load(tract, setup);
    const { framesPerPulse } = model.shape;
    report({ type: "ready", engineVersion, framesPerPulse, holdsLock: await alive });
    // Browsers compile a function at its first call: do that while the page waits for the microphone.
    model.warmUp();
  } catch (error) {
    report({ type: "failed", failure: startFailure(error, setup.file) });
  }
}

function handle(request: Exclude<WorkerRequest, { type: "start" }>): void {
  const { stream } = request;
  if (request.type === "open") {
    if (model !== undefined) streams.set(stream, new WorkerStream(stream, model, report, failed));
    return;
  }
  // Messages to a stream that failed or was closed may still be in flight.
  const target = streams.get(stream);
  if (target === undefined) return;
  if (request.type === "close") {
    streams.delete(stream);
    target.close();
    return;
  }
  target.handle(request);
}

function failed(stream: number, error: unknown): void {
  streams.get(stream)?.close();
  streams.delete(stream);
  if (error instanceof TrapError)
    report({ type: "failed", failure: failure("engine-died", error) });
  else report({ type: "failed", stream, failure: failure("run-failed", error) });
}

function startFailure(error: unknown, file: string): Failure {
  if (
    error instanceof TrapError ||
    !(error instanceof TractError || error instanceof UnsupportedModelError)
  ) {
    return failure("engine-died", error);
  }
  const kind = error instanceof UnsupportedModelError ? "not-for-audio" : "model-refused";
  const { message, causes } = failure(kind, error);
  return { kind, message: `${file} cannot be used. ${message}`, causes };
}

function failure(kind: Failure["kind"], error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { kind, message, causes: error instanceof TractError ? error.causes : [] };
}
