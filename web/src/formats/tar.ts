import { InspectError } from "../base/inspect-error.js";
import type { ReadLimits } from "../base/limits.js";

const BLOCK = 512;
const text = new TextDecoder();

/** A NUL-terminated field. */
function field(block: Uint8Array, from: number, length: number): string {
  const bytes = block.subarray(from, from + length);
  const end = bytes.indexOf(0);
  return text.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Octal digits, or base 256 if the first bit is set (GNU, for sizes from 8 GiB). */
function numeric(block: Uint8Array, from: number, length: number): number {
  if ((block[from] ?? 0) & 0x80) {
    let value = (block[from] ?? 0) & 0x7f;
    for (let at = from + 1; at < from + length; at++) value = value * 256 + (block[at] ?? 0);
    return value;
  }
  const digits = field(block, from, length).trim();
  return digits === "" ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

/** Sum of a header's bytes, with spaces in the checksum field. */
function checksum(block: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
  return sum;
}

/**
 * Normalises a file name; it must be relative and inside the archive.
 *
 * @throws InspectError `path-unsafe`
 */
export function safePath(name: string): string {
  const path = name.replace(/^(\.\/)+/, "");
  const unsafe = path.startsWith("/") || /[\\\0]/.test(path) || path.split("/").includes("..");
  if (unsafe) {
    const shown = JSON.stringify(name.slice(0, 80));
    throw new InspectError(
      `the archive contains the file name ${shown}, which points outside of it`,
      "path-unsafe",
    );
  }
  return path;
}

/** `path=` of a pax header: records of the form `LENGTH key=value\n`. */
function paxPath(body: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text.decode(body))?.[1];
}

/**
 * Files of a tar by path; contents are views of `bytes`. Folders, links and devices are skipped. If a name
 * occurs twice, the last file counts, as in tar itself.
 *
 * @throws InspectError `tar-damaged`, `path-unsafe`, `limit`
 */
export function untar(bytes: Uint8Array, limits: ReadLimits): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let longName: string | undefined;
  let at = 0;
  while (at + BLOCK <= bytes.length) {
    const head = bytes.subarray(at, at + BLOCK);
    if (head.every((byte) => byte === 0)) break;
    if (numeric(head, 148, 8) !== checksum(head)) {
      throw new InspectError(
        `not a tar archive: the header at byte ${at} is damaged`,
        "tar-damaged",
      );
    }
    const size = numeric(head, 124, 12);
    const from = at + BLOCK;
    if (!(size >= 0 && from + size <= bytes.length)) {
      const name = JSON.stringify(field(head, 0, 100).slice(0, 80));
      throw new InspectError(`the archive is truncated inside ${name}`, "tar-damaged");
    }
    const body = bytes.subarray(from, from + size);
    at = from + Math.ceil(size / BLOCK) * BLOCK;
    const kind = String.fromCharCode(head[156] ?? 0);
    if (kind === "L") {
      longName = field(body, 0, body.length);
    } else if (kind === "x") {
      longName = paxPath(body) ?? longName;
    } else if (kind === "0" || kind === "\0") {
      const prefix = field(head, 257, 5) === "ustar" ? field(head, 345, 155) : "";
      const short = field(head, 0, 100);
      const name = longName ?? (prefix ? `${prefix}/${short}` : short);
      longName = undefined;
      if (files.size >= limits.files) {
        throw new InspectError(`the archive exceeds the limit of ${limits.files} files`, "limit");
      }
      files.set(safePath(name), body);
    } else if (kind !== "g") {
      longName = undefined;
    }
  }
  if (files.size === 0) throw new InspectError("the archive contains no files", "tar-damaged");
  return files;
}
