/**
 * Files beside this one, each a whole module. `new URL` is written out so that bundlers find the
 * file, copy it as it is, and put its new address here.
 */
const layoutUrl = () => new URL("./layout.worker.js", import.meta.url);
const pythonUrl = () => new URL("./python.worker.js", import.meta.url);

export const layoutWorker = (): Worker => new Worker(layoutUrl(), { type: "module" });
export const pythonWorker = (): Worker => new Worker(pythonUrl(), { type: "module" });

export const tractWasm = (): URL => new URL("./tract_wasm.wasm", import.meta.url);
