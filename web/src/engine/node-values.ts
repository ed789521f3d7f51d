/** State of one node: the output of a recurrence, or the past frames of a delay. */
export interface Memory {
  /** Name of the node in the model. */
  readonly node: string;
  readonly kind: "scan" | "delay";
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A node of the optimised plan; it may compute several of the model's nodes. */
export interface NodeValues {
  readonly id: number;
  readonly name: string;
  readonly op: string;
  /** Names of the model's nodes that it computes. */
  readonly covers: readonly string[];
  readonly outputs: readonly PlainTensor[];
  /** State kept for the next pulse: a delay's past frames, oldest first, or a recurrence's output. */
  readonly state?:
    | { readonly kind: "scan" }
    | {
        readonly kind: "delay";
        readonly axis: number;
        /** Frames of delay, and further past frames it keeps. */
        readonly delay: number;
        readonly overlap: number;
        readonly buffer: PlainTensor | null;
      };
}

/** Row-major. */
export interface PlainTensor {
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
  readonly shape: readonly number[];
  /** As in a fact, e.g. `f32`. */
  readonly dtype: string;
}
