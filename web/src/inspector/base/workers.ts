/**
 * Self-contained files beside this one. `new URL` is spelt out so that bundlers find each file, copy it and
 * replace its URL here.
 */
const layoutUrl = () => new URL("./layout.worker.js", import.meta.url);
const pythonUrl = () => new URL("./python.worker.js", import.meta.url);

export const layoutWorker = (): Worker => new Worker(layoutUrl(), { type: "module" });
export const pythonWorker = (): Worker => new Worker(pythonUrl(), { type: "module" });

export const tractWasm = (): URL => new URL("./tract_wasm.wasm", import.meta.url);
