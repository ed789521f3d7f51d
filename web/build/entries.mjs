/** Modules a page imports: web/src/<name>.ts becomes web/dist/<name>.js. */
export const pages = ["vad", "segmenter", "resampler", "wav", "bundle", "look", "elements"];

/** Files a page starts by their address. The worklet keeps its names and comments: it is small, and people debug it. */
export const parts = [
  { name: "engine.worker", source: "engine/worker.ts", minify: true },
  { name: "capture.worklet", source: "capture/worklet.ts", minify: false },
];
