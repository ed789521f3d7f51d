import { assetsHint } from "../base/assets.js";
import { EngineError } from "../base/errors.js";
import { checkIsNoPage, checkPolicyAllows } from "./start-worker.js";

/** The smallest WebAssembly module with a v128 instruction. */
const simdModule = Uint8Array.from(atob("AGFzbQEAAAABBQFgAAF7AwIBAAoKAQgAQQD9D/1iCw=="), (char) =>
  char.charCodeAt(0),
);

/** Defined by the library's build: bytes of the engine that ships with it. */
declare const ENGINE_BYTES: number | undefined;

/**
 * Fetches and compiles the engine.
 * @param onProgress called with the fraction received, 0 to 1, for the engine that ships with the library
 * @throws EngineError: simd-missing, engine-unreachable, file-is-page, policy-refused
 */
export async function compileEngine(
  url: URL,
  onProgress?: (fraction: number) => void,
): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(simdModule)) {
    const message =
      "The engine needs WebAssembly SIMD, which this browser does not have. Use a current browser.";
    throw new EngineError(message, "simd-missing");
  }
  let response: Response;
  try {
    response = withProgress(await fetch(url), onProgress);
  } catch (cause) {
    throw unreachable(url, "could not be fetched: the network or the server failed", cause);
  }
  if (!response.ok) throw unreachable(url, `was not found: the server answered ${response.status}`);
  checkIsNoPage(response, url);
  try {
    // compileStreaming needs this media type, which some static hosts do not send.
    const canStream = response.headers.get("content-type")?.startsWith("application/wasm");
    return await (canStream
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer()));
  } catch (cause) {
    await checkPolicyAllows(simdModule, cause);
    throw unreachable(url, "is not the engine, or is damaged", cause);
  }
}

/** Measures progress against the size known from the build: Content-Length is that of the compressed body. */
function withProgress(response: Response, onProgress?: (fraction: number) => void): Response {
  if (!onProgress || !response.ok || !response.body || typeof ENGINE_BYTES === "undefined") {
    return response;
  }
  let loaded = 0;
  const total = ENGINE_BYTES;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      loaded += chunk.length;
      onProgress(Math.min(1, loaded / total));
      controller.enqueue(chunk);
    },
  });
  const { status, headers } = response;
  return new Response(response.body.pipeThrough(count), { status, headers });
}

function unreachable(url: URL, what: string, cause?: unknown): EngineError {
  return new EngineError(`${url.href} ${what}. ${assetsHint}`, "engine-unreachable", cause);
}
