import { EngineError } from "../errors.js";

/** The smallest module that uses a 128-bit vector. */
const vectorModule = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  10,
  1,
  8,
  0,
  65,
  0,
  253,
  15,
  253,
  98,
  11,
);

/**
 * Fetches and compiles the engine.
 * @throws EngineError: simd-missing, engine-unreachable
 */
export async function compileEngine(url: URL): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(vectorModule)) {
    const message =
      "This browser has no WebAssembly SIMD, which the engine needs; any current browser has it.";
    throw new EngineError(message, "simd-missing");
  }
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw unreachable(url, "could not be fetched: the network or the server failed", cause);
  }
  if (!response.ok) throw unreachable(url, `is not there: the server answered ${response.status}`);
  try {
    // Compiling while it arrives needs the right type from the server, which some static hosts do not give.
    const streams = response.headers.get("content-type")?.startsWith("application/wasm");
    return await (streams
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer()));
  } catch (cause) {
    throw unreachable(url, "is damaged or something else than the engine", cause);
  }
}

function unreachable(url: URL, what: string, cause?: unknown): EngineError {
  const name = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  return new EngineError(`${name} ${what}.`, "engine-unreachable", cause);
}
