// Serves the page that runs cases, to whatever browser asks.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { inRoot } from "../../setup/paths.mjs";
import { casesFolder } from "./cases.mjs";

const html = '<!doctype html><script type="module" src="/tests/conformance/page.mjs"></script>';

/** @type {Record<string, string>} */
const types = {
  "": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/**
 * Starts on a free port of this machine alone.
 *
 * @returns {Promise<{ origin: string, close(): void }>}
 */
export async function serveCases() {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://here").pathname);
    const file = path.startsWith("/cases/")
      ? join(casesFolder, path.slice("/cases/".length))
      : inRoot(path.slice(1));
    try {
      const body = path === "/" ? html : await readFile(file);
      const type = types[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}
