/**
 * URLs of the package's other files. `new URL(…, import.meta.url)` is spelt out so that bundlers find each file, copy
 * it and replace its URL here. Each file is self-contained.
 */
export const assets = {
  engine: () => new URL("./tract_wasm.wasm", import.meta.url),
  worker: () => new URL("./engine.worker.js", import.meta.url),
  worklet: () => new URL("./capture.worklet.js", import.meta.url),
  sileroPulse: () => new URL("./bundles/silero-vad/pulse-T1.nnef.tgz", import.meta.url),
};
