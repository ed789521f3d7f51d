import type { Memory, NodeValues } from "./node-values.js";

/** What the worker needs to know about the model. */
export interface ModelSetup {
  /** The pulsed archive. */
  readonly archive: Uint8Array<ArrayBuffer>;
  /** File name of the archive, for errors. */
  readonly file: string;
  /** In Hz. */
  readonly sampleRate: number;
  readonly pulseSamples: number;
  readonly delayFrames: number;
  readonly oldestEngine: string;
}

/** Page to worker. `stream` is the number of a session's stream. */
export type WorkerRequest =
  | {
      readonly type: "start";
      readonly wasm: WebAssembly.Module;
      readonly model: ModelSetup;
      /** Name of the Web Lock the worker holds while it is alive. */
      readonly aliveLock: string;
    }
  /** Opens a stream with its own engine state. */
  | { readonly type: "open"; readonly stream: number }
  /** Sound begins to arrive, through a port from the audio thread or by `push`. */
  | {
      readonly type: "begin";
      readonly stream: number;
      /** In Hz. */
      readonly inputRate: number;
      readonly port?: MessagePort;
    }
  | { readonly type: "push"; readonly stream: number; readonly samples: Float32Array<ArrayBuffer> }
  /** No more sound follows: the worker runs its partial pulse and answers `finished`. */
  | { readonly type: "finish"; readonly stream: number }
  /** Resets the engine's state. */
  | { readonly type: "reset"; readonly stream: number }
  /** Report `memories` at most this often; 0 turns them off. */
  | { readonly type: "watch"; readonly stream: number; readonly perSecond: number }
  /** Turns reporting of each pulse's `values` on or off. */
  | { readonly type: "trace"; readonly stream: number; readonly on: boolean }
  | { readonly type: "close"; readonly stream: number };

/** Consecutive samples that were run, or a gap. */
export type Piece =
  | { readonly samples: Float32Array<ArrayBuffer> }
  /** Lost samples, and the pulses skipped because of them. */
  | { readonly lost: number; readonly pulses: number };

/** Results of one block of sound. Sent for every block, even when it completed no pulse. */
export interface BlockResult {
  readonly type: "processed";
  readonly stream: number;
  /** Mono, at the model's rate; continues the previous message. */
  readonly pieces: readonly Piece[];
  /** Probabilities of the next frames; NaN for a lost frame. */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** Run time of each pulse of this message, in milliseconds. */
  readonly pulseMs: Float32Array<ArrayBuffer>;
  /** Blocks still queued when this one was captured. */
  readonly waiting: number;
  /** Non-finite samples replaced since the stream was opened. */
  readonly replaced: number;
  /** Bytes of WebAssembly memory, for all streams together. */
  readonly engineBytes: number;
  /** When the audio thread sent the block, in milliseconds since the epoch; 0 for pushed sound. */
  readonly capturedAt: number;
}

/** Worker to page. */
export type WorkerReport =
  | {
      readonly type: "ready";
      readonly engineVersion: string;
      readonly framesPerPulse: number;
      /** Whether the worker holds its Web Lock, so that the page can detect its end. */
      readonly holdsLock: boolean;
    }
  | BlockResult
  | { readonly type: "finished"; readonly stream: number }
  /** The input has been exactly zero for two seconds, or is no longer. */
  | { readonly type: "silent"; readonly stream: number; readonly silent: boolean }
  | {
      readonly type: "memories";
      readonly stream: number;
      /** First sample of the pulse. */
      readonly time: number;
      readonly memories: readonly Memory[];
    }
  /** Values of every node, for each pulse. */
  | {
      readonly type: "values";
      readonly stream: number;
      readonly pulses: readonly (readonly NodeValues[])[];
    }
  /** Without `stream`, the engine as a whole has failed. */
  | { readonly type: "failed"; readonly stream?: number; readonly failure: Failure };

/** An error as plain data: a structured clone of an error loses its class and code. */
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

/** Audio thread to worker. The worker returns each buffer through the same port. */
export type CaptureMessage =
  | {
      readonly type: "block";
      readonly buffer: Float32Array<ArrayBuffer>;
      /** Valid samples in the buffer. */
      readonly length: number;
      /** Samples lost before this block, for want of a free buffer. */
      readonly lost: number;
      /** Other buffers in flight to the worker. */
      readonly waiting: number;
      /** Milliseconds since the epoch. */
      readonly at: number;
    }
  /** Capture has stopped; no block follows. */
  | { readonly type: "end"; readonly lost: number };
