/// <reference lib="esnext.disposable" preserve="true" />
import type { Dtype, Tensor } from "./tensor.js";

/** Tensors by name of the model's input or output. */
export type Tensors = Record<string, Tensor>;

/**
 * Source of an archive: bytes in any array or buffer, of any realm, or where they come from. A string
 * or URL is fetched; in a page, relative ones are resolved against the document.
 */
export type Source = ArrayBufferView | ArrayBuffer | Blob | Response | URL | string;

/** Name, dtype and shape of a wire. */
export interface Fact {
  readonly name: string;
  readonly dtype: Dtype;
  /** A number, or an expression of symbols such as `"S"` or `"-3+(S+3)/4"`. */
  readonly shape: readonly (number | string)[];
  /** Shape and dtype as tract prints them: `"1,S,64,f32"`. */
  readonly fact: string;
}

/** Plain JSON: the type of an archive's properties. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** One output of one node. */
export interface Outlet {
  readonly node: number;
  readonly output: number;
}

export interface GraphNode {
  readonly id: number;
  readonly name: string;
  /** The operator, e.g. `"Conv"`, `"Scan"`, `"Delay"`. */
  readonly op: string;
  readonly inputs: readonly Outlet[];
  readonly outputs: readonly {
    readonly dtype: string;
    readonly shape: readonly (number | string)[];
    readonly fact: string;
    /** Whether it is a constant, such as a weight. */
    readonly constant: boolean;
  }[];
  /** The operator's own description of its parameters, line by line. */
  readonly info: readonly string[];
  /** The graph run at each step, for a scan. */
  readonly body?: Graph;
}

/** A model's nodes in topological order. Node ids equal those of `trace` on the model's unoptimised plan. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly Outlet[];
  readonly outputs: readonly Outlet[];
}

export interface TraceOptions {
  /** Measure the time of each node (default true). One pulse is too short for a browser's clock: use `profile`. */
  timing?: boolean;
  /** Return output values: of all nodes (default), of none, or of the named nodes. */
  values?: boolean | readonly string[];
  /** Return the buffers of delays (default: as for `values`). */
  states?: boolean;
}

/** The past frames that a delay keeps after the run. */
export interface DelayState {
  readonly kind: "delay";
  readonly axis: number;
  /** Delay of the wire, in frames. */
  readonly delay: number;
  /** Further past frames kept for the nodes that read them. */
  readonly overlap: number;
  /** Null before the first run. */
  readonly buffer: Tensor | null;
}

/** A recurrence. Its hidden state is the node's output; no other state is accessible. */
export interface ScanState {
  readonly kind: "scan";
}

export interface TraceNode {
  readonly id: number;
  readonly name: string;
  readonly op: string;
  /** Names of the model's nodes that this node computes; an optimised plan fuses several into one. */
  readonly covers: readonly string[];
  /** Run time in milliseconds, if measured. */
  readonly ms?: number;
  /** The node's outputs, in order; empty if not requested. */
  readonly outputs: readonly Tensor[];
  readonly state?: DelayState | ScanState;
}

export interface Trace {
  readonly outputs: Tensors;
  readonly nodes: readonly TraceNode[];
  /** Run time in milliseconds without copying values, if measured. */
  readonly ms?: number;
}

export interface ProfileNode {
  readonly id: number;
  readonly name: string;
  readonly op: string;
  readonly covers: readonly string[];
  /** Mean milliseconds per run. */
  readonly ms: number;
}

export interface Profile {
  readonly rounds: number;
  /** Mean milliseconds of a whole run. */
  readonly ms: number;
  /** Smallest step of the clock in milliseconds. Node times are meaningful well above `clockStepMs / rounds`. */
  readonly clockStepMs: number;
  readonly nodes: readonly ProfileNode[];
}

export interface ProfileOptions {
  /** Number of runs. Default: enough for a total of 1,000 steps of the clock. */
  rounds?: number;
}

export interface PrepareOptions {
  /** Fuse nodes and choose layouts and kernels (default true). `false` keeps one node per assignment, to show values. */
  optimize?: boolean;
}

interface Handle {
  /** Frees the engine's object. Calling it again has no effect. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** One stream: a prepared model with its state. */
export interface State extends Handle {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
  /**
   * Runs one pulse and keeps the state for the next.
   * @throws InputError, AssertError, ModeError, TooShortError before the run, without changing the state;
   *   RunError when the run fails, after which this state can only be reset or disposed
   */
  run(inputs: Tensors): Tensors;
  /** Runs once and returns the values, time and fused nodes of each node, and each delay's buffer. */
  trace(inputs: Tensors, options?: TraceOptions): Trace;
  /** An independent copy that continues from this state. */
  clone(): State;
  /** Resets the state to that of a new stream. */
  reset(): void;
}

/** A model prepared for running: immutable, shared by its states. */
export interface Runnable extends Handle {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
  /** Runs once with a new state. Free symbols take their values from the inputs of each call. */
  run(inputs: Tensors): Tensors;
  /** `State.trace` with a new state. */
  trace(inputs: Tensors, options?: TraceOptions): Trace;
  /** Measures the nodes over many runs of one new state. */
  profile(inputs: Tensors, options?: ProfileOptions): Profile;
  spawnState(): State;
}

/** A model that can be inspected and transformed. Each transformation returns a new model. */
export interface Model extends Handle {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
  /** Symbols in its facts, e.g. `["B", "S"]`. */
  readonly symbols: readonly string[];
  /** Conditions that every run must meet, e.g. `["S+P<64"]`. */
  readonly asserts: readonly string[];
  /** Named sets of conditions; each run must meet at least one set: `{ tg: ["S==1"], pp: ["P==0"] }`. */
  readonly modes: Readonly<Record<string, readonly string[]>>;
  /** Properties of the archive, e.g. `pulse.delay`. */
  readonly properties: Readonly<Record<string, Json>>;
  /** Sets symbols to integers. */
  setSymbols(values: Readonly<Record<string, number>>): Model;
  /**
   * Pulses the model: each run then takes `pulse` frames of the axis `symbol`.
   * @throws PulseError with the pulses that are possible
   */
  pulse(symbol: string, pulse: number): Model;
  graph(): Graph;
  /**
   * Writes the model as a `.nnef.tgz`.
   * @throws WriteError with the op and the node that cannot be written
   */
  toNnef(): Promise<Uint8Array>;
  /**
   * Writes the model as a `.nnef.tar`, synchronously.
   * @throws WriteError with the op and the node that cannot be written
   */
  toTar(): Uint8Array;
  prepare(options?: PrepareOptions): Runnable;
}

/** Limits on an archive. `load` throws LoadError with code `"limit"` if one is exceeded. */
export interface Limits {
  /** Bytes of the archive as received (default 512 MiB). */
  archiveBytes?: number;
  /** Bytes of the archive after decompression (default 1 GiB). */
  unpackedBytes?: number;
  /** Files in the archive (default 100,000). */
  entries?: number;
  /** Bytes of one tensor, stored or computed while loading (default 1 GiB). */
  tensorBytes?: number;
  /** Nesting of expressions and of fragments in the text (default 12). */
  depth?: number;
}

export interface LoadTractOptions {
  /** URL of the engine, a response with it, or the compiled module. Default: the file beside the package. */
  wasm?: URL | string | Response | BufferSource | WebAssembly.Module;
  limits?: Limits;
}

/** The loaded engine. */
export interface Tract extends Handle {
  /** Versions of this package and of tract. */
  readonly version: { readonly package: string; readonly tract: string };
  /** Bytes of WebAssembly memory. It never shrinks; a constant value means that nothing leaks. */
  readonly memoryBytes: number;
  load(source: Source): Promise<Model>;
  /**
   * Loads the bytes of a `.nnef.tar` synchronously, for callers that cannot await, such as Python in a
   * page. Do not use it on a page's main thread, which a large model would block.
   * @throws LoadError
   */
  loadTar(tar: Uint8Array): Model;
}
