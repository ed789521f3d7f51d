import type { Dtype, Tensor } from "./tensor.js";

/** Values by the name of the model's input or output. */
export type Tensors = Record<string, Tensor>;

/** Where an archive may come from. A string or URL is fetched; relative ones in a page are relative to the document. */
export type Source = Uint8Array | ArrayBuffer | Response | URL | string;

/** What is known of a wire before any value flows. */
export interface Fact {
  readonly name: string;
  readonly dtype: Dtype;
  /** A number, or an expression of symbols such as `"S"` or `"-3+(S+3)/4"`. */
  readonly shape: readonly (number | string)[];
  /** The same as tract prints it: `"1,S,64,f32"`. */
  readonly fact: string;
}

/** Plain JSON, as properties of an archive are shown. */
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
    /** Known before any run: a weight or another constant. */
    readonly constant: boolean;
  }[];
  /** The operator's own description of its parameters, line by line. */
  readonly info: readonly string[];
  /** The graph run at each step, for a scan. */
  readonly body?: Graph;
}

/** A model's nodes in an order in which they can be computed. Node ids are those of `trace` on the same model's unoptimised plan. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly Outlet[];
  readonly outputs: readonly Outlet[];
}

export interface TraceOptions {
  /** Measure each node (default true). One pulse is too short for a browser's clock: see `profile`. */
  timing?: boolean;
  /** Copy out what flows on the wires: all (default), none, or those of the nodes named. */
  values?: boolean | readonly string[];
  /** Copy out what delays remember (default: as for `values`). */
  states?: boolean;
}

/** The buffer of past frames a delay holds after the run. */
export interface DelayState {
  readonly kind: "delay";
  readonly axis: number;
  /** Frames by which the wire lags. */
  readonly delay: number;
  /** Further past frames kept for what reads them. */
  readonly overlap: number;
  /** Null before the first run. */
  readonly buffer: Tensor | null;
}

/** A recurrence. Its hidden state is the node's output; the engine gives no access to more. */
export interface ScanState {
  readonly kind: "scan";
}

export interface TraceNode {
  readonly id: number;
  readonly name: string;
  readonly op: string;
  /** Names of the model's nodes this one computes: several once the plan is optimised. */
  readonly covers: readonly string[];
  /** Milliseconds, when timed. */
  readonly ms?: number;
  /** The node's outputs, in order; empty where not kept. */
  readonly outputs: readonly Tensor[];
  readonly state?: DelayState | ScanState;
}

export interface Trace {
  readonly outputs: Tensors;
  readonly nodes: readonly TraceNode[];
  /** Milliseconds of the whole run, copying out excluded, when timed. */
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
  /** The smallest step seen on the clock, in milliseconds: node times stand well above `clockStepMs / rounds`. */
  readonly clockStepMs: number;
  readonly nodes: readonly ProfileNode[];
}

export interface ProfileOptions {
  /** Runs to sum over. Without it, as many as bring the whole to a thousand steps of the clock. */
  rounds?: number;
}

export interface PrepareOptions {
  /** Fuse, choose layouts and kernels (default). `false` keeps one node per assignment, for showing values. */
  optimize?: boolean;
}

interface Handle {
  /** Frees what the engine holds for this handle. May be called twice. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** One stream: a prepared model and all it remembers. */
export interface State extends Handle {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
  /**
   * Runs one pulse and keeps the state for the next.
   * @throws InputError, AssertError, ModeError, TooShortError before anything is run, leaving the state as it was;
   *   RunError when the run fails, after which this state can only be reset or disposed
   */
  run(inputs: Tensors): Tensors;
  /** One run that keeps each wire's tensor, each node's time and what it covers, each delay's buffer. */
  trace(inputs: Tensors, options?: TraceOptions): Trace;
  /** An independent stream that continues from here. */
  clone(): State;
  /** Back to the start of a stream. */
  reset(): void;
}

/** A model prepared for running: immutable, shared by its states. */
export interface Runnable extends Handle {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
  /** Runs once, remembering nothing. Symbols left free take their value from the inputs of each call. */
  run(inputs: Tensors): Tensors;
  /** As `State.trace`, on a fresh state. */
  trace(inputs: Tensors, options?: TraceOptions): Trace;
  /** Times nodes over many runs of one fresh state. */
  profile(inputs: Tensors, options?: ProfileOptions): Profile;
  spawnState(): State;
}

/** A model that can be looked at and transformed. Every transformation gives a new one. */
export interface Model extends Handle {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
  /** Symbols its facts use, e.g. `["B", "S"]`. */
  readonly symbols: readonly string[];
  /** Conditions that hold for every run, e.g. `["S+P<64"]`. */
  readonly asserts: readonly string[];
  /** Named alternatives, of which each run meets at least one: `{ tg: ["S==1"], pp: ["P==0"] }`. */
  readonly modes: Readonly<Record<string, readonly string[]>>;
  /** Properties written in the archive, e.g. `pulse.delay`. */
  readonly properties: Readonly<Record<string, Json>>;
  /** Fixes symbols to whole numbers. */
  setSymbols(values: Readonly<Record<string, number>>): Model;
  /**
   * Rewrites the model to take `pulse` frames of the axis `symbol` at a time.
   * @throws PulseError naming what would be possible
   */
  pulse(symbol: string, pulse: number): Model;
  graph(): Graph;
  /**
   * The model as a `.nnef.tgz`.
   * @throws WriteError naming the op and the node that cannot be written
   */
  toNnef(): Promise<Uint8Array>;
  /**
   * The model as a `.nnef.tar`, without waiting for it to be gzipped.
   * @throws WriteError naming the op and the node that cannot be written
   */
  toTar(): Uint8Array;
  prepare(options?: PrepareOptions): Runnable;
}

/** Bounds on what an archive may ask for. Beyond one, `load` throws LoadError with code `"limit"`. */
export interface Limits {
  /** Bytes of the archive as delivered (default 512 MiB). */
  archiveBytes?: number;
  /** Bytes of the archive once gunzipped (default 1 GiB). */
  unpackedBytes?: number;
  /** Files in the archive (default 100,000). */
  entries?: number;
  /** Bytes of one tensor, stored or computed while loading (default 1 GiB). */
  tensorBytes?: number;
  /** Nesting of expressions and of fragments in the text (default 12). */
  depth?: number;
}

export interface LoadTractOptions {
  /** The engine: where it lies, a response that carries it, or the module already compiled. Default: the file beside the package. */
  wasm?: URL | string | Response | BufferSource | WebAssembly.Module;
  limits?: Limits;
}

/** The engine, loaded. */
export interface Tract extends Handle {
  /** Versions of this package and of the tract inside. */
  readonly version: { readonly package: string; readonly tract: string };
  /** Bytes of wasm memory held. It never shrinks; flat means nothing leaks. */
  readonly memoryBytes: number;
  load(source: Source): Promise<Model>;
  /**
   * Loads a `.nnef.tar` that is at hand, without waiting: for callers that cannot, such as Python in
   * a page. Not for a page's own thread, which a large model would hold up.
   * @throws LoadError
   */
  loadTar(tar: Uint8Array): Model;
}
