/** One thing the engine remembers: a recurrence's output, or the past frames of a delay. */
export interface Memory {
  /** Name of the node in the model. */
  readonly node: string;
  readonly kind: "scan" | "delay";
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A node of the plan that runs: optimised, so that it may compute several of the model's nodes. */
export interface NodeValues {
  readonly id: number;
  readonly name: string;
  readonly op: string;
  /** Names of the model's nodes it computes. */
  readonly covers: readonly string[];
  readonly outputs: readonly PlainTensor[];
  /** What it keeps for the next pulse: a delay's past frames, oldest first, or a recurrence's output. */
  readonly state?:
    | { readonly kind: "scan" }
    | {
        readonly kind: "delay";
        readonly axis: number;
        /** Frames by which it lags, and further ones it keeps. */
        readonly delay: number;
        readonly overlap: number;
        readonly buffer: PlainTensor | null;
      };
}

/** Row-major. */
export interface PlainTensor {
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
  readonly shape: readonly number[];
  /** As facts spell it, e.g. `f32`. */
  readonly dtype: string;
}
