// Made from exporter/nnef_pulse/bundle/bundle.schema.json by `npm run manifest-types -w web`; change that.

export type Version = string;
export type Symbol = string;
export type Expression = string;

/**
 * What a bundle holds, what was checked about it, and what its files must hash to.
 */
export interface BundleManifest {
  /**
   * Version of this contract.
   */
  schema: 1;
  /**
   * The folder's name.
   */
  id: string;
  /**
   * One line for people.
   */
  title: string;
  /**
   * What the model is and where its weights come from.
   */
  source: {
    model: string;
    weights: string;
    /**
     * What computed the reference tensors, with its version.
     */
    framework?: string;
  };
  /**
   * The licence of the weights.
   */
  licence: {
    /**
     * SPDX expression, or the licence's own name.
     */
    name: string;
    holder?: string;
    /**
     * The text, when the weights are somebody's.
     */
    file?: "LICENSE";
  };
  /**
   * How good the model is and who says so, or that it was never trained.
   */
  quality?: Quality | Untrained;
  /**
   * Versions of tract: made for, and the oldest that runs it.
   */
  engine: {
    made: Version;
    oldest: Version;
  };
  /**
   * Names of the dimensions left open.
   */
  symbols: Symbol[];
  /**
   * What must hold of the symbols, for example S+P < 64.
   */
  asserts: Expression[];
  /**
   * Named cases of use; at least one must hold in every run when any is given.
   */
  modes: {
    /**
     * @minItems 1
     */
    [k: string]: Expression[];
  };
  /**
   * @minItems 1
   */
  inputs: Port[];
  /**
   * @minItems 1
   */
  outputs: Port[];
  /**
   * The pulsed forms of the model.
   */
  pulses: Pulse[];
  audio?: Audio;
  defaults?: SegmenterDefaults;
  tolerance?: Tolerance;
  /**
   * What was checked when the bundle was made.
   *
   * @minItems 1
   */
  verified: Proof[];
  /**
   * Every file of the bundle except manifest.json.
   *
   * @minItems 2
   */
  files: File[];
}
export interface Quality {
  /**
   * What it was measured on.
   */
  data: string;
  /**
   * What was measured.
   */
  measure: string;
  /**
   * The result.
   */
  figure: number;
  /**
   * Whose claim it is.
   */
  claimedBy: string;
}
export interface Untrained {
  untrained: true;
}
/**
 * A named input or output.
 */
export interface Port {
  name: string;
  /**
   * Dimensions and dtype as tract prints them, for example 1,S,64,f32.
   */
  fact: string;
}
/**
 * One pulsed form, with what a caller must know to feed it and read it.
 */
export interface Pulse {
  file: string;
  symbol: Symbol;
  /**
   * Input frames per call.
   */
  pulse: number;
  /**
   * Of the first output: its frames before the one that stands for the stream's first frame.
   */
  delay: number;
  /**
   * Streaming axis of each input, -1 where it has none.
   */
  inputAxes: number[];
  /**
   * Streaming axis of each output, -1 where it has none.
   */
  outputAxes: number[];
  /**
   * Of the first output: frames after the delay that do not yet equal the whole model's, as measured.
   */
  warmUp: number;
  /**
   * Each output in its own frames, in the model's order. Absent from bundles made before outputs could differ: delay and warmUp then hold for all.
   *
   * @minItems 1
   */
  outputs?: OutputTiming[];
}
/**
 * How one output of a pulsed form lags, in its own frames.
 */
export interface OutputTiming {
  name: string;
  /**
   * Frames before the one that stands for the stream's first frame.
   */
  delay: number;
  /**
   * Frames one call gives; 0 where the output does not stream.
   */
  framesPerPulse: number;
  /**
   * Frames after the delay that do not yet equal the whole model's, as measured.
   */
  warmUp: number;
}
/**
 * How sound goes in: mono samples between -1 and 1.
 */
export interface Audio {
  /**
   * In Hz.
   */
  sampleRate: number;
  /**
   * Samples one run of the pulsed model takes.
   */
  samplesPerPulse: number;
  /**
   * What turns samples into features, and where.
   */
  frontEnd: string;
  /**
   * The output that is sound again, if one is.
   */
  output?: {
    name: string;
    /**
     * In Hz.
     */
    sampleRate: number;
  };
}
/**
 * Options of speechSegments this model is best used with; what is absent keeps the library's default.
 */
export interface SegmenterDefaults {
  threshold?: number;
  negThreshold?: number;
  minSpeechMs?: number;
  maxSpeechMs?: number;
  minSilenceMs?: number;
  speechPadMs?: number;
  minSilenceAtMaxSpeechMs?: number;
  useMaxPossibleSilenceAtMaxSpeech?: boolean;
  frameSamples?: number;
}
/**
 * Which limits the comparisons were held to.
 */
export interface Tolerance {
  /**
   * The least precise dtype the source computes in; it sets the limits.
   */
  precision: "f32" | "f16" | "bf16";
  /**
   * The limit the author asked for instead.
   */
  requested?: number;
}
/**
 * One comparison that had to hold before the bundle was written.
 */
export interface Proof {
  /**
   * whole: the whole model equals its source. pulsed: the pulsed model equals the whole one. peer: it equals another implementation.
   */
  claim: "whole" | "pulsed" | "peer";
  /**
   * The file the claim is about.
   */
  file: string;
  /**
   * What it was compared with.
   */
  against: string;
  /**
   * The values the symbols took, one entry per run.
   *
   * @minItems 1
   */
  sizes: {
    [k: string]: number;
  }[];
  /**
   * What the example's floating-point values were multiplied by in each run: 1, -1, 16, 1/1024 or 0.
   */
  variations?: ("example" | "negated" | "loud" | "quiet" | "silence")[];
  /**
   * What inputs at other sizes than the example's were drawn with.
   */
  seed?: number;
  /**
   * Largest error allowed. An error is a difference over the larger of the value's own magnitude and the median magnitude of its output.
   */
  tolerance: number;
  /**
   * Where the model amplifies rounding: 16 times the error that one unit in the last place of its inputs makes. It is then the limit.
   */
  rounding?: number;
  /**
   * Largest error found, rounded up to one digit.
   */
  largestError: number;
  /**
   * How many values were compared (whole, peer), or output frames (pulsed).
   */
  comparedLength: number;
  /**
   * The end of a finite signal, which a stream cannot know: reported, held to no tolerance.
   */
  tail?: {
    frames: number;
    largestError: number;
  };
  /**
   * For input frames replaced by noise, one at a time: the output frames that changed in the whole model, the same in its source and in the stream.
   */
  reach?: Reach[];
  /**
   * How streams were run besides alone, with the same result: on a new state, and in turns with another stream.
   */
  states?: ("new" | "interleaved")[];
  /**
   * Whether the bundle's files alone can check it again.
   */
  again: boolean;
}
/**
 * The first and last frame of an output that one input frame changes.
 */
export interface Reach {
  frame: number;
  output: string;
  first: number;
  last: number;
}
export interface File {
  path: string;
  size: number;
  sha256: string;
}
