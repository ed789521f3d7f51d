/**
 * The engine's worker, made whole under the name by which `tract-wasm/worker` asks for it beside
 * the file it is bundled into.
 */
import "tract-wasm/worker/entry.js";
