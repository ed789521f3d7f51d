/**
 * NNEF inference with symbols, pulses and state, in browsers and Node.
 *
 * {@link loadTract} gives a {@link Tract}, which loads archives into {@link Model}s; a model is
 * prepared into a {@link Runnable}, which runs once, or spawns a {@link State} for each stream.
 *
 * @packageDocumentation
 */
export * from "./errors.js";
export { loadTract } from "./load.js";
export { type Dtype, type DtypeArrays, type Tensor, type TensorData, tensor } from "./tensor.js";
export type * from "./types.js";
export { packageVersion as version } from "./version.js";
