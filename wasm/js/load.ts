import { get, limitsFrom } from "./archive.js";
import { checkOptions } from "./checks/options.js";
import { className, isResponse, isUrl } from "./checks/realms.js";
import { LoadError } from "./errors.js";
import { Instance } from "./instance.js";
import { LoadedTract } from "./loaded-tract.js";
import type { LoadTractOptions, Tract } from "./types.js";

/**
 * Loads the engine. Each call creates a separate instance with its own memory. The compiled module is
 * cached if it comes from the default URL.
 *
 * @throws LoadError with code `fetch`, `wasm` (not the engine, or no WebAssembly SIMD here) or
 *   `version` (the engine of another version of this package); InputError for an unknown option
 */
export async function loadTract(options: LoadTractOptions = {}): Promise<Tract> {
  checkOptions("loadTract", options, ["wasm", "limits"]);
  const limits = limitsFrom(options.limits);
  return new LoadedTract(await Instance.of(await compiled(options.wasm)), limits);
}

let beside: Promise<WebAssembly.Module> | undefined;

async function compiled(wasm: LoadTractOptions["wasm"]): Promise<WebAssembly.Module> {
  if (wasm === undefined) {
    beside ??= compile(new URL("./tract_wasm.wasm", import.meta.url)).catch((error) => {
      beside = undefined;
      throw error;
    });
    return beside;
  }
  return isModule(wasm) ? wasm : compile(wasm as Origin);
}

type Origin = URL | string | Response | BufferSource;

/** A type guard, because TypeScript's `WebAssembly.Module` is an empty interface. */
function isModule(wasm: Origin | WebAssembly.Module): wasm is WebAssembly.Module {
  return className(wasm) === "WebAssembly.Module";
}

async function compile(source: Origin): Promise<WebAssembly.Module> {
  const origin = isUrl(source) ? await get(source) : source;
  try {
    if (!isResponse(origin)) return await WebAssembly.compile(origin);
    if (!origin.ok) {
      throw new LoadError(`the engine could not be fetched: status ${origin.status}`, "fetch");
    }
    // compileStreaming needs this media type, which some static hosts do not send.
    const streams = origin.headers.get("content-type")?.startsWith("application/wasm");
    return await (streams
      ? WebAssembly.compileStreaming(origin)
      : WebAssembly.compile(await origin.arrayBuffer()));
  } catch (cause) {
    if (cause instanceof LoadError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    const hint = hasSimd() ? "" : " (this browser has no WebAssembly SIMD)";
    throw new LoadError(`the engine does not compile${hint}: ${why}`, "wasm", { cause });
  }
}

/** The smallest module with a v128 instruction. */
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15,
  11,
]);

function hasSimd(): boolean {
  return WebAssembly.validate(SIMD_PROBE);
}
