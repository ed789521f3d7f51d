/** Modules a page imports: web/src/<name>.ts becomes web/dist/<name>.js. */
export const pages = [
  "vad",
  "segmenter",
  "resampler",
  "wav",
  "bundle",
  "look",
  "elements",
  "inspector",
  "reading",
];

/**
 * Files that are whole in themselves: what a page starts by its address, and the one for a script tag.
 * The worklet keeps its names and comments: it is small, and people debug it.
 */
export const parts = [
  { name: "engine.worker", source: "engine/worker.ts", minify: true },
  { name: "capture.worklet", source: "capture/worklet.ts", minify: false },
  { name: "nnef-pulse", source: "elements.ts", minify: true },
  { name: "layout.worker", source: "inspector/graph/layout.worker.ts", minify: true },
  { name: "python.worker", source: "inspector/python/python.worker.ts", minify: true },
  { name: "entry", source: "inspector/engine/entry.ts", minify: true },
];

/** Folders of web/src whose style sheets pages link to as they are. */
export const styles = ["look", "inspector"];
