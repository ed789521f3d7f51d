import { extname } from "node:path";

/** Media type by extension; the second column says whether gzip pays. @type {Record<string, [string, boolean]>} */
const types = {
  ".css": ["text/css; charset=utf-8", true],
  ".dat": ["application/octet-stream", false],
  ".gif": ["image/gif", false],
  ".html": ["text/html; charset=utf-8", true],
  ".ico": ["image/x-icon", true],
  ".jpg": ["image/jpeg", false],
  ".js": ["text/javascript; charset=utf-8", true],
  ".json": ["application/json; charset=utf-8", true],
  ".map": ["application/json; charset=utf-8", true],
  ".md": ["text/markdown; charset=utf-8", true],
  ".mjs": ["text/javascript; charset=utf-8", true],
  ".png": ["image/png", false],
  ".safetensors": ["application/octet-stream", false],
  ".svg": ["image/svg+xml; charset=utf-8", true],
  ".tgz": ["application/gzip", false],
  ".toml": ["text/plain; charset=utf-8", true],
  ".txt": ["text/plain; charset=utf-8", true],
  ".wasm": ["application/wasm", true],
  ".wav": ["audio/wav", true],
  ".webmanifest": ["application/manifest+json; charset=utf-8", true],
  ".whl": ["application/zip", false],
  ".woff2": ["font/woff2", false],
  ".zip": ["application/zip", false],
};

/** @param {string} path @returns {{ type: string, compressible: boolean }} */
export function mediaType(path) {
  const [type, compressible] = types[extname(path).toLowerCase()] ?? [
    extname(path) === "" ? "text/plain; charset=utf-8" : "application/octet-stream",
    false,
  ];
  return { type, compressible };
}
