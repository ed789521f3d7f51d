import { nodePackages } from "./node-packages.mjs";
import { pythonEnvironment } from "./python.mjs";
import { rustTarget } from "./rust-target.mjs";
import { wasmBindgen } from "./wasm-bindgen.mjs";

/**
 * Every step of set-up.
 *
 * @param {import("../graph/cache.mjs").Cache} cache
 * @returns {import("../graph/graph.mjs").Step[]}
 */
export const allSteps = (cache) => [
  nodePackages(),
  pythonEnvironment(cache),
  rustTarget(),
  wasmBindgen(cache),
];
