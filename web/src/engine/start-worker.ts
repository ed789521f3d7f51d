import { EngineError } from "../base/errors.js";

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): TrustedPolicy;
}
interface TrustedPolicy {
  createScriptURL(url: string): URL;
}

let policy: TrustedPolicy | undefined;

/**
 * Starts the engine's worker.
 * @throws EngineError: worker-missing, worker-foreign, sandboxed, trusted-types, policy-refused
 */
export function startWorker(url: URL): Worker {
  if (typeof Worker === "undefined") {
    const message = "This environment has no Worker: the engine runs in browsers.";
    throw new EngineError(message, "worker-missing");
  }
  try {
    return new Worker(trusted(url), { type: "module", name: "nnef-pulse engine" });
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw refusal(url, cause);
  }
}

/** Where the page requires Trusted Types, a URL for a worker must come from a policy it allows. */
function trusted(url: URL): URL {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return url;
  try {
    policy ??= trustedTypes.createPolicy("nnef-pulse", { createScriptURL: (text) => text });
  } catch {
    return url; // Only a page that requires Trusted Types refuses this, then in `new Worker`.
  }
  return policy.createScriptURL(url.href);
}

function refusal(url: URL, cause: unknown): EngineError {
  const { origin } = globalThis;
  if (origin === "null") {
    const message =
      "A sandboxed frame cannot start the engine's worker: add allow-same-origin to its sandbox.";
    return new EngineError(message, "sandboxed", cause);
  }
  if (url.origin !== origin && url.protocol !== "blob:" && url.protocol !== "data:") {
    const message = `A worker of another origin cannot be started: copy ${url.href} to ${origin}.`;
    return new EngineError(message, "worker-foreign", cause);
  }
  if (cause instanceof TypeError) {
    const message =
      "The page requires Trusted Types: add nnef-pulse to its trusted-types directive.";
    return new EngineError(message, "trusted-types", cause);
  }
  return refusedByPolicy(`worker-src has to allow ${url.href}`, cause);
}

const refusedByPolicy = (what: string, cause: unknown) =>
  new EngineError(
    `The page's content security policy refused the engine: ${what}.`,
    "policy-refused",
    cause,
  );

/**
 * Finds out why the worker's file could not be loaded, which the browser does not say.
 * @returns `error`, or a more specific one
 */
export async function explainWorkerError(error: unknown, url: URL): Promise<unknown> {
  if (!(error instanceof EngineError && error.code === "engine-unreachable")) return error;
  const response = await fetch(url).catch(() => undefined);
  if (!response?.ok) return error;
  if (isPage(response)) return pageError(url, error);
  // The file is there and is no page: the browser was not allowed to run it.
  return refusedByPolicy(`worker-src has to allow ${url.href}`, error);
}

const isPage = (response: Response) =>
  response.headers.get("content-type")?.startsWith("text/html") === true;

const pageError = (url: URL, cause?: unknown) =>
  new EngineError(`${url.href} is a web page: the server has no such file.`, "file-is-page", cause);

/** @throws EngineError file-is-page */
export function checkIsNoPage(response: Response, url: URL): void {
  if (isPage(response)) throw pageError(url);
}

/** Tells a policy that allows no WebAssembly from a damaged file: the one refuses the smallest module as well. */
export async function checkPolicyAllows(tiny: BufferSource, cause: unknown): Promise<void> {
  try {
    await WebAssembly.compile(tiny);
  } catch {
    throw refusedByPolicy("script-src needs 'wasm-unsafe-eval'", cause);
  }
}
