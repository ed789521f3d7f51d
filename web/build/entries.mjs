/** Modules a page imports: web/src/<name>.ts becomes web/dist/<name>.js. */
export const pages = [
  "vad",
  "stream",
  "segmenter",
  "resampler",
  "wav",
  "bundle",
  "look",
  "elements",
  "inspector",
  "reading",
  "react",
];

/**
 * Files that are whole in themselves: what a page starts by its address, and the one for a script tag.
 * The worklet keeps its names and comments: it is small, and people debug it.
 */
export const parts = [
  { name: "engine.worker", source: "engine/worker.ts", minify: true },
  { name: "capture.worklet", source: "capture/worklet.ts", minify: false },
  { name: "nnef-pulse", source: "elements/script-tag.ts", minify: true },
  { name: "layout.worker", source: "inspector/graph/layout/layout.worker.ts", minify: true },
  { name: "python.worker", source: "inspector/python/python.worker.ts", minify: true },
  { name: "entry", source: "inspector/workspace/engine-worker.ts", minify: true },
];

/** Folders of web/src whose style sheets are published unchanged, and their folders in web/dist. */
export const styles = [
  { from: "look", to: "look" },
  { from: "inspector/styles", to: "inspector" },
];
