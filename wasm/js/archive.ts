import { LoadError } from "./errors.js";
import type { Limits, Source } from "./types.js";

const MiB = 1 << 20;

export const defaultLimits: Required<Limits> = {
  archiveBytes: 512 * MiB,
  unpackedBytes: 1024 * MiB,
  entries: 100_000,
  tensorBytes: 1024 * MiB,
  depth: 12,
};

/** Checks limits given by a caller and fills in the others. */
export function limitsFrom(given: Limits = {}): Required<Limits> {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in defaultLimits)) throw new TypeError(`${name} is no limit`);
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new TypeError(`the limit ${name} must be a whole number from 1, not ${value}`);
    }
  }
  return { ...defaultLimits, ...given };
}

/** The tar in an archive, wherever it comes from, gunzipped if it is gzipped. */
export async function readArchive(source: Source, limits: Required<Limits>): Promise<Uint8Array> {
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const bytes = source instanceof Uint8Array ? source : new Uint8Array(source);
    if (bytes.length > limits.archiveBytes) throw tooLarge("the archive", limits.archiveBytes);
    return isGzip(bytes) ? gunzip(streamOf(bytes), limits) : bytes;
  }
  const response = source instanceof Response ? source : await get(source);
  const what = response.url === "" ? "the response" : response.url;
  if (!response.ok) {
    throw new LoadError(`${what} could not be had: status ${response.status}`, "fetch");
  }
  if (response.body === null) throw new LoadError(`${what} has no body`, "fetch");
  let bytes: Uint8Array;
  try {
    bytes = await collect(response.body, limits.archiveBytes, what);
  } catch (cause) {
    if (cause instanceof LoadError) throw cause;
    throw new LoadError(`${what} broke off: ${text(cause)}`, "fetch", { cause });
  }
  return readArchive(bytes, limits);
}

/** What is used of Node, asked for in a way no bundler tries to follow. */
interface NodeLike {
  process?: {
    getBuiltinModule(name: "node:fs/promises"): { readFile(url: URL): Promise<Uint8Array> };
  };
}

/** Fetches; Node has no fetch for files. */
export async function get(source: URL | string): Promise<Response> {
  const url = absolute(source);
  try {
    if (url instanceof URL && url.protocol === "file:") {
      const files = (globalThis as NodeLike).process?.getBuiltinModule("node:fs/promises");
      if (files !== undefined) return new Response((await files.readFile(url)) as BodyInit);
    }
    return await fetch(url);
  } catch (cause) {
    throw new LoadError(`${url} could not be had: ${text(cause)}`, "fetch", { cause });
  }
}

/** A string in a page or worker is relative to it; elsewhere it must be a whole URL. */
function absolute(source: URL | string): URL {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(source, base);
  } catch (cause) {
    throw new LoadError(`${JSON.stringify(String(source))} is no URL`, "fetch", { cause });
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
    throw new LoadError("the archive's gzip is damaged or cut", "archive", { cause });
  }
}

export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const zipped = streamOf(bytes).pipeThrough(new CompressionStream("gzip") as ByteTransform);
  return collect(zipped, Number.POSITIVE_INFINITY, "the archive");
}

/** Not through a Blob: Chromium sends those to another process and back, which takes longer than to gunzip a VAD. */
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
  return new LoadError(`${what} is larger than the ${limit} bytes allowed`, "limit");
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
