import type { PlainError } from "../errors.js";
import type { Limits, Model, Runnable, State, Tract } from "../types.js";

/** Kinds of handles, and the methods that can be called through each. */
export const METHODS = {
  tract: ["load"],
  model: ["setSymbols", "pulse", "graph", "toNnef", "prepare"],
  runnable: ["run", "trace", "profile", "spawnState"],
  state: ["run", "trace", "clone", "reset"],
} as const;

export type Kind = keyof typeof METHODS;

/** Fields of each kind that the client reads without a call. */
export interface VisibleFields {
  tract: Pick<Tract, "version">;
  model: Pick<Model, "inputs" | "outputs" | "symbols" | "asserts" | "modes" | "properties">;
  runnable: Pick<Runnable, "inputs" | "outputs">;
  state: Pick<State, "inputs" | "outputs">;
}

/** A handle of an object in the worker. */
export type HandleMessage = {
  [K in Kind]: { kind: K; handle: number; fields: VisibleFields[K] };
}[Kind];

/** Client to worker. The first request starts the engine; its reply is the handle of the `Tract`. */
export type Request =
  | { type: "start"; id: number; wasm: WebAssembly.Module | string | undefined; limits: Limits }
  | { type: "call"; id: number; handle: number; method: string; args: unknown[] }
  | { type: "memory"; id: number }
  | { type: "dispose"; handle: number };

/** Worker to client: one reply to each request that has an id. */
export type Reply =
  | { type: "value"; id: number; value: unknown }
  | { type: "handle"; id: number; handle: HandleMessage }
  | { type: "error"; id: number; error: PlainError };

/** One end of a message channel, in a browser or in Node. */
export interface Channel<In, Out> {
  post(message: Out, transfer: Transferable[]): void;
  listen(receive: (message: In) => void): void;
}

/** The tensors' buffers in a message, which are transferred with it. */
export function buffersIn(value: unknown, found: Set<ArrayBuffer> = new Set()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) buffersIn(part, found);
  }
  return [...found];
}
