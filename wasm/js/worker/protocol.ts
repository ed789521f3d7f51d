import type { PlainError } from "../errors.js";
import type { Limits, Model, Runnable, State, Tract } from "../types.js";

/** What can be held on the other side, and which of its methods can be called from here. */
export const METHODS = {
  tract: ["load"],
  model: ["setSymbols", "pulse", "graph", "toNnef", "prepare"],
  runnable: ["run", "trace", "profile", "spawnState"],
  state: ["run", "trace", "clone", "reset"],
} as const;

export type Kind = keyof typeof METHODS;

/** What a handle shows without a call. */
export interface Shown {
  tract: Pick<Tract, "version">;
  model: Pick<Model, "inputs" | "outputs" | "symbols" | "asserts" | "modes" | "properties">;
  runnable: Pick<Runnable, "inputs" | "outputs">;
  state: Pick<State, "inputs" | "outputs">;
}

/** A handle that lives in the worker. */
export type HandleMessage = { [K in Kind]: { kind: K; handle: number; shown: Shown[K] } }[Kind];

/** To the worker. The first message starts the engine; its answer is the handle of the tract. */
export type Request =
  | { type: "start"; id: number; wasm: WebAssembly.Module | string | undefined; limits: Limits }
  | { type: "call"; id: number; handle: number; method: string; args: unknown[] }
  | { type: "memory"; id: number }
  | { type: "dispose"; handle: number };

/** From the worker: one for each request that has an id. */
export type Reply =
  | { type: "value"; id: number; value: unknown }
  | { type: "handle"; id: number; handle: HandleMessage }
  | { type: "error"; id: number; error: PlainError };

/** Either end of a channel: a browser's worker and its scope, Node's worker and its port. */
export interface Channel<In, Out> {
  post(message: Out, transfer: Transferable[]): void;
  listen(receive: (message: In) => void): void;
}

/** Buffers of the tensors in what is posted, which nobody else needs. */
export function buffersIn(value: unknown, found: Set<ArrayBuffer> = new Set()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) buffersIn(part, found);
  }
  return [...found];
}
