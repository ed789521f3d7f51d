import { suggestion } from "./checks/options.js";
import { bytesOf, className, isBlob, isResponse, isUrl } from "./checks/realms.js";
import { InputError, LoadError } from "./errors.js";
import type { Limits, Source } from "./types.js";

const MiB = 1 << 20;

export const defaultLimits: Required<Limits> = {
  archiveBytes: 512 * MiB,
  unpackedBytes: 1024 * MiB,
  entries: 100_000,
  tensorBytes: 1024 * MiB,
  depth: 12,
};

/** Checks the given limits and adds the defaults. */
export function limitsFrom(given: Limits = {}): Required<Limits> {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in defaultLimits)) {
      const known = Object.keys(defaultLimits);
      throw new TypeError(
        `unknown limit "${name}"${suggestion(name, known)}; known limits: ${known.join(", ")}`,
      );
    }
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new TypeError(`limit ${name} must be an integer of at least 1, not ${value}`);
    }
  }
  return { ...defaultLimits, ...given };
}

/** Reads an archive from any source and returns its tar, decompressed if it is gzipped. */
export async function readArchive(source: Source, limits: Required<Limits>): Promise<Uint8Array> {
  const bytes = bytesOf(source);
  if (bytes !== undefined) {
    if (bytes.length > limits.archiveBytes) throw tooLarge("the archive", limits.archiveBytes);
    return isGzip(bytes) ? gunzip(streamOf(bytes), limits) : bytes;
  }
  if (isBlob(source)) {
    if (source.size > limits.archiveBytes) throw tooLarge("the archive", limits.archiveBytes);
    return readArchive(await source.arrayBuffer(), limits);
  }
  if (!isResponse(source) && !isUrl(source)) {
    throw new InputError(
      `an archive is bytes, a Blob, a File, a Response or a URL, not a ${className(source)}`,
    );
  }
  const response = isResponse(source) ? source : await get(source);
  const what = response.url === "" ? "the response" : response.url;
  if (!response.ok) {
    throw new LoadError(`${what} could not be fetched: status ${response.status}`, "fetch");
  }
  if (response.body === null) throw new LoadError(`${what} has no body`, "fetch");
  let body: Uint8Array;
  try {
    body = await collect(response.body, limits.archiveBytes, what);
  } catch (cause) {
    if (cause instanceof LoadError) throw cause;
    throw new LoadError(`reading ${what} failed: ${text(cause)}`, "fetch", { cause });
  }
  return readArchive(body, limits);
}

/** The part of Node that is used, accessed so that bundlers do not try to resolve it. */
interface NodeLike {
  process?: {
    getBuiltinModule(name: "node:fs/promises"): { readFile(url: URL): Promise<Uint8Array> };
  };
}

/** Fetches a URL; Node's fetch does not support file: URLs. */
export async function get(source: URL | string): Promise<Response> {
  const url = absolute(source);
  try {
    if (url instanceof URL && url.protocol === "file:") {
      const files = (globalThis as NodeLike).process?.getBuiltinModule("node:fs/promises");
      if (files !== undefined) return new Response((await files.readFile(url)) as BodyInit);
    }
    return await fetch(url);
  } catch (cause) {
    throw new LoadError(`${url} could not be fetched: ${text(cause)}`, "fetch", { cause });
  }
}

/** Resolves relative URLs in a page or worker; elsewhere a URL must be absolute. */
function absolute(source: URL | string): URL {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(source, base);
  } catch (cause) {
    const what = JSON.stringify(String(source));
    const how = base === undefined ? `; for a file: pathToFileURL(${what}) of node:url` : "";
    throw new LoadError(`${what} is not a valid URL${how}`, "fetch", { cause });
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function gunzip(
  stream: ReadableStream<Uint8Array>,
  limits: Required<Limits>,
): Promise<Uint8Array> {
  const unzipped = stream.pipeThrough(new DecompressionStream("gzip") as ByteTransform);
  try {
    return await collect(unzipped, limits.unpackedBytes, "the unpacked archive");
  } catch (cause) {
    if (cause instanceof LoadError) throw cause;
    throw new LoadError("the archive's gzip data is damaged or truncated", "archive", { cause });
  }
}

export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const zipped = streamOf(bytes).pipeThrough(new CompressionStream("gzip") as ByteTransform);
  return collect(zipped, Number.POSITIVE_INFINITY, "the archive");
}

/** Does not use a Blob: Chromium sends those through another process, which takes longer than gunzipping a VAD. */
function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new Response(bytes as BodyInit).body as ReadableStream<Uint8Array>;
}

type ByteTransform = ReadableWritablePair<Uint8Array, Uint8Array>;

async function collect(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  what: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > limit) {
      await reader.cancel().catch(() => {});
      throw tooLarge(what, limit);
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function tooLarge(what: string, limit: number): LoadError {
  return new LoadError(`${what} exceeds the limit of ${limit} bytes`, "limit");
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
