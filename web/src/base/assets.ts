/**
 * Where the files beside this one lie. Written so that bundlers find them, copy them as they are, and put the new
 * address here; each is made whole, so that copying is all it needs.
 */
export const assets = {
  engine: () => new URL("./tract_wasm.wasm", import.meta.url),
  worker: () => new URL("./engine.worker.js", import.meta.url),
  worklet: () => new URL("./capture.worklet.js", import.meta.url),
  sileroPulse: () => new URL("./bundles/silero-vad/pulse-T1.nnef.tgz", import.meta.url),
};
