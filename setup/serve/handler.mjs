import { readFile, realpath } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import send from "send";
import { contentSecurityPolicy } from "../policy.mjs";
import { isCompressible } from "./gzip.mjs";

/**
 * @typedef {import("node:http").IncomingMessage} Request
 * @typedef {import("node:http").ServerResponse} Response
 */

/** Names the site's build makes from content; they may be kept for ever. */
const hashedName = /\/assets\/[^/]+-[\w-]{8,}\.\w+$/;

const acceptsGzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/;

/**
 * Serves a folder: the policy on every answer, gzip where it pays, and nothing outside the folder.
 * @param {{ folder: string, gzip: import("./gzip.mjs").GzipStore, policy?: string }} options
 * @returns {(request: Request, response: Response) => void}
 */
export function siteHandler({ folder, gzip, policy = contentSecurityPolicy }) {
  return (request, response) => {
    response.setHeader("Content-Security-Policy", policy);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Referrer-Policy", "no-referrer");
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
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return plain(response, 405, "only GET and HEAD are served");
  }
  const pathname = (request.url ?? "/").split(/[?#]/, 1)[0] ?? "/";
  const file = await fileAt(folder, pathname);
  if (file === undefined) return notFound(response, folder);
  response.setHeader(
    "Cache-Control",
    hashedName.test(pathname) ? "public, max-age=31536000, immutable" : "no-cache",
  );
  if (extname(file) === "") response.setHeader("Content-Type", "text/plain; charset=utf-8");
  let sent = file;
  if (isCompressible(file)) {
    response.setHeader("Vary", "Accept-Encoding");
    const { range, "accept-encoding": accepted } = request.headers;
    if (!range && acceptsGzip.test(String(accepted))) {
      sent = await gzip.copyOf(file);
      response.setHeader("Content-Encoding", "gzip");
    }
  }
  const options = { cacheControl: false, lastModified: false };
  send(request, encodeURI(sent), { ...options, dotfiles: "allow" })
    .on("directory", () => {
      // Relative, so that it holds behind a proxy that serves the site from a sub-path.
      response.setHeader("Location", `${pathname.split("/").at(-1)}/`);
      response.removeHeader("Content-Type");
      plain(response, 301, "moved");
    })
    .on("error", ({ status }) => plain(response, status, "this file cannot be sent so"))
    .pipe(response);
}

/**
 * The file or folder of a request; a link that leads out of the site is as good as missing.
 * @param {string} folder @param {string} pathname
 */
async function fileAt(folder, pathname) {
  try {
    const path = decodeURIComponent(pathname);
    const inside = (await realpath(folder)) + sep;
    const file = await realpath(join(folder, path.endsWith("/") ? `${path}index.html` : path));
    return file.startsWith(inside) ? file : undefined;
  } catch {
    return undefined; // missing, or no path
  }
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
