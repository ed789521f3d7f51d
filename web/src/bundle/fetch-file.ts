import { BundleError, type BundleErrorCode } from "../base/errors.js";
import type { BundleManifest } from "./manifest.js";

interface NodeGlobals {
  readonly process?: {
    getBuiltinModule?(name: "node:fs/promises"): { readFile(url: URL): Promise<Uint8Array> };
  };
}

type FileEntry = BundleManifest["files"][number];

/** Magic bytes by file extension; other types are not checked. */
const magic: Readonly<Record<string, readonly number[]>> = { tgz: [0x1f, 0x8b] };

const hint = ". The options bundle and assets name its folder";

/**
 * Fetches a file; distinguishes a refusal, a network failure, and a web page sent instead of the file.
 * @throws BundleError: file-missing, file-unreachable, file-is-page
 */
export async function fetchBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "file:") return readLocal(url);
  let response: Response;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    response = await fetch(url);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    const what = `could not be fetched: the network or the server failed${hint}`;
    throw fault("file-unreachable", url, what, cause);
  }
  if (!response.ok)
    throw fault(
      "file-missing",
      url,
      `was not found: the server answered ${response.status}${hint}`,
    );
  if (isPage(bytes))
    throw fault("file-is-page", url, `is a web page: the server has no such file${hint}`);
  return bytes;
}

/**
 * Fetches a file of a bundle and checks it against the manifest.
 * @throws BundleError as `fetchBytes`, and file-wrong-kind, file-cut, file-changed
 */
export async function fetchEntry(url: URL, entry: FileEntry): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await fetchBytes(url);
  // Some servers declare .tgz as a content encoding; the browser then returns the unpacked, checked content.
  if (entry.path.endsWith(".tgz") && isTar(bytes)) return bytes;
  const kind = magic[entry.path.slice(entry.path.lastIndexOf(".") + 1)];
  if (bytes.length > 0 && kind?.some((byte, at) => bytes[at] !== byte)) {
    throw fault("file-wrong-kind", url, "is not an archive: its first bytes are wrong");
  }
  if (bytes.length < entry.size) {
    throw fault("file-cut", url, `has ${bytes.length} of ${entry.size} bytes`);
  }
  if (bytes.length > entry.size || (await differs(bytes, entry.sha256))) {
    throw fault("file-changed", url, "does not match the checksum in its manifest");
  }
  return bytes;
}

/** In Node, whose `fetch` reads no files. */
async function readLocal(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const files = (globalThis as NodeGlobals).process?.getBuiltinModule?.("node:fs/promises");
    if (files === undefined) throw new TypeError("there is no file system here");
    return Uint8Array.from(await files.readFile(url));
  } catch (cause) {
    throw fault("file-missing", url, `could not be read${hint}`, cause);
  }
}

/** Whether the checksum is known to differ. Pages outside a secure context cannot compute one. */
async function differs(bytes: Uint8Array<ArrayBuffer>, sha256: string): Promise<boolean> {
  if (globalThis.crypto?.subtle === undefined) return false;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") !== sha256;
}

function isPage(bytes: Uint8Array): boolean {
  const head = new TextDecoder().decode(bytes.subarray(0, 256)).trimStart().toLowerCase();
  return head.startsWith("<!doctype") || head.startsWith("<html");
}

function isTar(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(257, 262)) === "ustar";
}

function fault(code: BundleErrorCode, url: URL, what: string, cause?: unknown): BundleError {
  return new BundleError(`${url.href} ${what}.`, code, { file: url.href }, cause);
}
