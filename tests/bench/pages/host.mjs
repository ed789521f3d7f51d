import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { inRoot } from "../../../setup/paths.mjs";
import { mediaType } from "./types.mjs";

const page = `<!doctype html>
<script type="importmap">{ "imports": { "tract-wasm": "/tract-wasm/index.js" } }</script>
<script type="module" src="/tests/bench/pages/page.mjs"></script>`;

/** Only in an isolated page does a browser's clock step by less than a pulse takes. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/**
 * Serves the page that is measured, and what it measures.
 *
 * @param {{ folder: string, peer: string }} material as in `runners.mjs`
 * @param {(name: string) => void} report told what the page says it begins with
 */
export async function startHost({ folder, peer }, report) {
  const folders = {
    "/tract-wasm/": inRoot("wasm", "dist"),
    "/onnxruntime-web/": join(peer, "dist"),
    "/tests/": inRoot("tests"),
    "/material/": folder,
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://host");
    if (pathname === "/report") {
      report(await text(request));
      response.end();
      return;
    }
    const held = Object.entries(folders).find(([prefix]) => pathname.startsWith(prefix));
    const path = held && join(held[1], pathname.slice(held[0].length));
    try {
      const body = path ? await readFile(path) : page;
      const type = path ? mediaType(path) : "text/html";
      response.writeHead(200, { ...isolation, "Content-Type": type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://localhost:${port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
