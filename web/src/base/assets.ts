/** The package's other files, by their path in its folder. */
const paths = {
  engine: "tract_wasm.wasm",
  worker: "engine.worker.js",
  worklet: "capture.worklet.js",
  sileroPulse: "bundles/silero-vad/pulse-T1.nnef.tgz",
};

/**
 * `new URL(…, import.meta.url)` is spelt out so that bundlers find each file, copy it and replace its URL here. Each
 * file is self-contained.
 */
const besidePackage: Readonly<Record<keyof typeof paths, () => URL>> = {
  engine: () => new URL("./tract_wasm.wasm", import.meta.url),
  worker: () => new URL("./engine.worker.js", import.meta.url),
  worklet: () => new URL("./capture.worklet.js", import.meta.url),
  sileroPulse: () => new URL("./bundles/silero-vad/pulse-T1.nnef.tgz", import.meta.url),
};

/** @param folder holds copies of the package's files; undefined: they lie beside this one */
export function assetUrl(name: keyof typeof paths, folder: URL | undefined): URL {
  return folder ? new URL(paths[name], folder) : besidePackage[name]();
}

/** Ends the message about one of these files that cannot be had. */
export const assetsHint = "The option assets names the folder of the package's files.";
