import type { Memory, NodeValues } from "./node-values.js";

/** What the worker must know of the model to feed it. */
export interface ModelSetup {
  /** The pulsed archive. */
  readonly archive: Uint8Array<ArrayBuffer>;
  /** Its name, for errors. */
  readonly file: string;
  /** In Hz. */
  readonly sampleRate: number;
  readonly pulseSamples: number;
  readonly delayFrames: number;
  readonly oldestEngine: string;
}

/** Page to worker. `stream` numbers a session's stream. */
export type Request =
  | {
      readonly type: "start";
      readonly wasm: WebAssembly.Module;
      readonly model: ModelSetup;
      /** Name of the lock by which the worker shows that it is alive. */
      readonly life: string;
    }
  /** A new stream, with an engine state of its own. */
  | { readonly type: "open"; readonly stream: number }
  /** Sound begins: by a port from the audio thread, or by `push`. */
  | {
      readonly type: "begin";
      readonly stream: number;
      /** In Hz. */
      readonly inputRate: number;
      readonly port?: MessagePort;
    }
  | { readonly type: "push"; readonly stream: number; readonly samples: Float32Array<ArrayBuffer> }
  /** No more sound comes: what is held back is run, and `finished` answers. */
  | { readonly type: "finish"; readonly stream: number }
  /** Empties what the engine remembers. */
  | { readonly type: "reset"; readonly stream: number }
  /** At most so many `memories` a second; 0 for none. */
  | { readonly type: "watch"; readonly stream: number; readonly perSecond: number }
  /** Whether each pulse's `values` are told. */
  | { readonly type: "trace"; readonly stream: number; readonly on: boolean }
  | { readonly type: "close"; readonly stream: number };

/** What became of the sound, in order. */
export type Piece =
  | { readonly samples: Float32Array<ArrayBuffer> }
  /** Samples that were lost, and the pulses not run for it. */
  | { readonly lost: number; readonly pulses: number };

/** What a block of sound led to. Answers each block, even when no pulse was full. */
export interface Heard {
  readonly type: "heard";
  readonly stream: number;
  /** Mono, at the model's rate; it goes on from the last piece of the message before. */
  readonly pieces: readonly Piece[];
  /** The next frames' probabilities; NaN for a frame that was lost. */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** Milliseconds each pulse of this message took. */
  readonly pulseMs: Float32Array<ArrayBuffer>;
  /** Blocks that waited when this one was captured. */
  readonly waiting: number;
  /** Non-finite samples replaced since the stream was opened. */
  readonly replaced: number;
  /** Of wasm memory held by the engine, all streams together. */
  readonly engineBytes: number;
  /** When the audio thread sent the block: milliseconds since the epoch. 0 for sound that was pushed. */
  readonly capturedAt: number;
}

/** Worker to page. */
export type Report =
  | {
      readonly type: "ready";
      readonly engineVersion: string;
      readonly framesPerPulse: number;
      /** Whether the worker's life can be watched. */
      readonly watched: boolean;
    }
  | Heard
  | { readonly type: "finished"; readonly stream: number }
  /** Two seconds of exact zeros, or sound after that. */
  | { readonly type: "silent"; readonly stream: number; readonly silent: boolean }
  | {
      readonly type: "memories";
      readonly stream: number;
      /** Sample at which the pulse began. */
      readonly time: number;
      readonly memories: readonly Memory[];
    }
  /** What every node gave, pulse by pulse. */
  | {
      readonly type: "values";
      readonly stream: number;
      readonly pulses: readonly (readonly NodeValues[])[];
    }
  /** Without a stream: the engine as a whole. */
  | { readonly type: "failed"; readonly stream?: number; readonly failure: Failure };

/** An error on its way from the worker. Structured clones of errors lose their class and code. */
export interface Failure {
  readonly kind:
    | "model-refused"
    | "engine-too-old"
    | "not-for-audio"
    | "engine-died"
    | "run-failed";
  readonly message: string;
  readonly causes: readonly string[];
}

/** Audio thread to worker. Buffers go back the same way to be filled again. */
export type Captured =
  | {
      readonly type: "block";
      readonly buffer: Float32Array<ArrayBuffer>;
      /** Samples of the buffer that are filled. */
      readonly length: number;
      /** Samples lost before this block because no buffer was free. */
      readonly lost: number;
      /** Buffers on their way to the worker, this one aside. */
      readonly waiting: number;
      /** Milliseconds since the epoch. */
      readonly at: number;
    }
  /** The capture was stopped; every block came before. */
  | { readonly type: "end"; readonly lost: number };
