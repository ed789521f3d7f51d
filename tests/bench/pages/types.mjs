import { extname } from "node:path";

/** What the measured pages are made of. @type {Record<string, string>} */
const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml; charset=utf-8",
  ".wasm": "application/wasm",
  ".wav": "audio/wav",
};

/** @param {string} path */
export const mediaType = (path) => types[extname(path)] ?? "application/octet-stream";
