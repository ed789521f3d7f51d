import { EngineError } from "../base/errors.js";

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

/** Put in by the library's build: the size of the engine that ships with it. */
declare const ENGINE_BYTES: number | undefined;

/**
 * Fetches and compiles the engine.
 * @param progress hears how much has arrived, 0 to 1, where the engine is the one that ships
 * @throws EngineError: simd-missing, engine-unreachable
 */
export async function compileEngine(
  url: URL,
  progress?: (fraction: number) => void,
): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(vectorModule)) {
    const message =
      "This browser has no WebAssembly SIMD, which the engine needs; any current browser has it.";
    throw new EngineError(message, "simd-missing");
  }
  let response: Response;
  try {
    response = counted(await fetch(url), progress);
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

/** A body's length is told before it is decoded, so progress is measured against the size known from the build. */
function counted(response: Response, progress?: (fraction: number) => void): Response {
  if (!progress || !response.ok || !response.body || typeof ENGINE_BYTES === "undefined") {
    return response;
  }
  let loaded = 0;
  const total = ENGINE_BYTES;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      loaded += chunk.length;
      progress(Math.min(1, loaded / total));
      controller.enqueue(chunk);
    },
  });
  const { status, headers } = response;
  return new Response(response.body.pipeThrough(count), { status, headers });
}

function unreachable(url: URL, what: string, cause?: unknown): EngineError {
  const name = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  return new EngineError(`${name} ${what}.`, "engine-unreachable", cause);
}
