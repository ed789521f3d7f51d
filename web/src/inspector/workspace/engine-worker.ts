/**
 * The engine's worker, bundled under the file name that `tract-wasm/worker` expects beside its own file.
 */
import "tract-wasm/worker/entry.js";
