/// <reference lib="webworker" />
import { loadTract, TractError, TrapError } from "tract-wasm";
import { older } from "../bundle/version.js";
import { holdWhileAlive } from "./life.js";
import type { Failure, Report, Request } from "./protocol.js";
import { PulseModel, UnfitModel } from "./runner.js";
import { WorkerStream } from "./worker-stream.js";

declare const self: DedicatedWorkerGlobalScope;

let model: PulseModel | undefined;
const streams = new Map<number, WorkerStream>();

function report(message: Report, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}

self.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  if (data.type === "start") void start(data);
  else handle(data);
});

async function start({
  wasm,
  model: setup,
  life,
}: Extract<Request, { type: "start" }>): Promise<void> {
  try {
    const alive = holdWhileAlive(life);
    const tract = await loadTract({ wasm });
    const { tract: engineVersion } = tract.version;
    if (older(engineVersion, setup.oldestEngine)) {
      const message = `${setup.file} needs tract ${setup.oldestEngine} or later; this engine is ${engineVersion}.`;
      report({ type: "failed", failure: { kind: "engine-too-old", message, causes: [] } });
      return;
    }
    model = await PulseModel.load(tract, setup);
    const { framesPerPulse } = model.shape;
    report({ type: "ready", engineVersion, framesPerPulse, watched: await alive });
    // Browsers compile a function when it is first called: better now, while the page asks for a microphone.
    model.runOnce();
  } catch (error) {
    report({ type: "failed", failure: startFailure(error, setup.file) });
  }
}

function handle(request: Exclude<Request, { type: "start" }>): void {
  const { stream } = request;
  if (request.type === "open") {
    if (model !== undefined) streams.set(stream, new WorkerStream(stream, model, report, failed));
    return;
  }
  // A stream that failed or was closed may still be spoken to by messages already on their way.
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
  if (error instanceof TrapError || !(error instanceof TractError || error instanceof UnfitModel)) {
    return failure("engine-died", error);
  }
  const kind = error instanceof UnfitModel ? "not-for-audio" : "model-refused";
  const { message, causes } = failure(kind, error);
  return { kind, message: `${file} cannot be used: ${message}`, causes };
}

function failure(kind: Failure["kind"], error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { kind, message, causes: error instanceof TractError ? error.causes : [] };
}
