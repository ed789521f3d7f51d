import { createReadStream } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { pipeline } from "node:stream";
import { contentSecurityPolicy } from "../policy.mjs";
import { readRange } from "./range.mjs";
import { mediaType } from "./types.mjs";

/**
 * @typedef {import("node:http").IncomingMessage} Request
 * @typedef {import("node:http").ServerResponse} Response
 * @typedef {{ path: string, stats: import("node:fs").Stats }} Found
 */

/** Names the site's build makes from content; they may be kept for ever. */
const hashedName = /\/assets\/[^/]+-[\w-]{8,}\.\w+$/;

/**
 * Serves a folder: the policy on every answer, gzip where it pays, ranges, revalidation, and
 * nothing outside the folder.
 *
 * @param {{ folder: string, gzip: import("./gzip.mjs").GzipStore, policy?: string }} options
 * @returns {(request: Request, response: Response) => void}
 */
export function siteHandler({ folder, gzip, policy = contentSecurityPolicy }) {
  return (request, response) => {
    response.setHeader("Content-Security-Policy", policy);
    answer(request, response, folder, gzip).catch((error) => {
      if (response.headersSent) response.destroy(error);
      else plain(response, 500, "the server failed to read this file");
    });
  };
}

/**
 * @param {Request} request @param {Response} response @param {string} folder
 * @param {import("./gzip.mjs").GzipStore} gzip
 */
async function answer(request, response, folder, gzip) {
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "no-referrer");
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return plain(response, 405, "only GET and HEAD are served");
  }
  const pathname = pathOf(request.url);
  if (pathname === undefined) return plain(response, 400, "not a path");
  const found = await find(folder, pathname);
  if (found === "folder") {
    // Relative, so that it holds behind a proxy that serves the site from a sub-path.
    response.setHeader("Location", `${encodeURIComponent(pathname.split("/").at(-1) ?? "")}/`);
    return plain(response, 301, "moved");
  }
  if (!found) return notFound(response, folder);
  await send(request, response, found, gzip);
}

/** The decoded path of a request, or undefined where it is none. @param {string | undefined} url */
function pathOf(url) {
  try {
    const path = decodeURIComponent((url ?? "/").split(/[?#]/, 1)[0] ?? "/");
    return path.startsWith("/") && !path.includes("\0") ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} folder @param {string} pathname
 * @returns {Promise<Found | "folder" | undefined>}
 */
async function find(folder, pathname) {
  const asked = resolve(folder, `.${pathname}`);
  if (asked !== folder && !asked.startsWith(folder + sep)) return undefined;
  const stats = await stat(asked).catch(() => undefined);
  if (stats?.isDirectory()) {
    return pathname.endsWith("/") ? file(folder, join(asked, "index.html")) : "folder";
  }
  return pathname.endsWith("/") ? undefined : file(folder, asked);
}

/** @param {string} folder @param {string} asked @returns {Promise<Found | undefined>} */
async function file(folder, asked) {
  const path = await realpath(asked).catch(() => undefined);
  // A link that leads out of the folder is as good as missing.
  if (!path?.startsWith((await realpath(folder)) + sep)) return undefined;
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ? { path, stats } : undefined;
}

/**
 * @param {Request} request @param {Response} response @param {Found} found
 * @param {import("./gzip.mjs").GzipStore} gzip
 */
async function send(request, response, found, gzip) {
  const { type, compressible } = mediaType(found.path);
  const tag = `${found.stats.size.toString(36)}-${Math.trunc(found.stats.mtimeMs).toString(36)}`;
  response.setHeader("Content-Type", type);
  response.setHeader(
    "Cache-Control",
    hashedName.test(found.path.replaceAll(sep, "/"))
      ? "public, max-age=31536000, immutable"
      : "no-cache",
  );
  if (compressible) response.setHeader("Vary", "Accept-Encoding");

  const wantsGzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(
    String(request.headers["accept-encoding"] ?? ""),
  );
  const zipped = compressible && wantsGzip && !request.headers.range;
  const etag = `"${tag}${zipped ? "-gz" : ""}"`;
  response.setHeader("ETag", etag);
  if (request.headers["if-none-match"]?.split(/\s*,\s*/).includes(etag)) {
    response.writeHead(304).end();
    return;
  }
  if (zipped) {
    const copy = await gzip.copyOf(found.path, found.stats);
    const { size } = await stat(copy);
    response.writeHead(200, { "Content-Encoding": "gzip", "Content-Length": size });
    return stream(request, response, copy);
  }

  const { size } = found.stats;
  response.setHeader("Accept-Ranges", "bytes");
  const current = !request.headers["if-range"] || request.headers["if-range"] === etag;
  const range = current ? readRange(request.headers.range, size) : undefined;
  if (range === "unsatisfiable") {
    response.setHeader("Content-Range", `bytes */${size}`);
    return plain(response, 416, "no such range");
  }
  if (!range) {
    response.writeHead(200, { "Content-Length": size });
    return stream(request, response, found.path);
  }
  const { start, end } = range;
  response.writeHead(206, {
    "Content-Range": `bytes ${start}-${end}/${size}`,
    "Content-Length": end - start + 1,
  });
  return stream(request, response, found.path, range);
}

/**
 * @param {Request} request @param {Response} response @param {string} path
 * @param {{ start: number, end: number }} [range]
 */
function stream(request, response, path, range) {
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  // An abandoned download is no error of ours; pipeline closes the file either way.
  pipeline(createReadStream(path, range), response, () => {});
}

/** @param {Response} response @param {string} folder */
async function notFound(response, folder) {
  const page = await readFile(join(folder, "404.html")).catch(() => undefined);
  if (!page) return plain(response, 404, "there is no such file here");
  response.writeHead(404, { "Content-Type": "text/html; charset=utf-8" }).end(page);
}

/** @param {Response} response @param {number} status @param {string} text */
function plain(response, status, text) {
  response.removeHeader("ETag");
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}
