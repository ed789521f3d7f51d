import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { contentSecurityPolicy } from "../../../setup/policy.mjs";

const root = new URL("../../../", import.meta.url);

/** Where folders of the repository appear on the test's server, under a sub-path as on a real host. */
const folders: Readonly<Record<string, URL>> = {
  "/site/lib/": new URL("web/dist/", root),
  "/site/bundles/": new URL("dist/bundles/", root),
  "/site/audio/": new URL("../shared/audio/", root),
};

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".wav": "audio/wav",
};

/** The 60 s of real speech, where the project's materials are at hand. */
export const speechFile = fileURLToPath(new URL("../shared/audio/speech-60s-16k.wav", root));

/**
 * A plain static host with one empty page, `/site/`, under the policy of the site.
 * @param made a folder to be served at `/site/made/`
 */
export async function startHost(
  made?: string,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const served: Record<string, URL> = {
    ...folders,
    ...(made && { "/site/made/": pathToFileURL(`${made}/`) }),
  };
  const server: Server = createServer(async ({ url = "/" }, response) => {
    const path = new URL(url, "http://host").pathname;
    response.setHeader("content-security-policy", contentSecurityPolicy);
    if (path === "/site/") {
      response.setHeader("content-type", "text/html").end("<!doctype html><title>test</title>");
      return;
    }
    const folder = Object.keys(served).find((prefix) => path.startsWith(prefix));
    const file = folder && new URL(path.slice(folder.length), served[folder]);
    const body = file && (await readFile(file).catch(() => undefined));
    if (body === undefined) response.writeHead(404).end();
    else
      response
        .setHeader("content-type", types[extname(path)] ?? "application/octet-stream")
        .end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/site/`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        // A connection the browser opened ahead of need, and never used, would hold it open.
        server.closeAllConnections();
      }),
  };
}
