import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { inRoot, siteDir } from "../../setup/paths.mjs";
import { contentSecurityPolicy } from "../../setup/policy.mjs";
import { gzipStore } from "../../setup/serve/gzip.mjs";
import { siteHandler } from "../../setup/serve/handler.mjs";

/** A plain static host. */
export interface Host {
  /** The built site, in a sub-path; the library lies in `lib/` below it, `pages/` of these tests beside that. */
  readonly site: string;
  /** What browsers said they stopped, in pages, frames and workers. */
  readonly violations: string[];
  close(): Promise<void>;
}

const REPORTS = "/violations";
const SUB_PATH = "/some/where/";

const folders: Readonly<Record<string, string>> = {
  [`${SUB_PATH}lib/`]: inRoot("web", "dist"),
  [`${SUB_PATH}endurance/`]: inRoot(".build", "endurance"),
  [`${SUB_PATH}pages/`]: inRoot("tests", "browsers", "pages"),
  [SUB_PATH]: siteDir,
};

export async function startHost(): Promise<Host> {
  const violations: string[] = [];
  const policy = `${contentSecurityPolicy}; report-uri ${REPORTS}`;
  const handlers = Object.entries(folders).map(([prefix, folder]) => ({
    prefix,
    handle: siteHandler({ folder, gzip: gzipStore, policy }),
  }));
  const { url, close } = await serve((request, response) => {
    if (request.url === REPORTS) {
      void text(request).then((report) => violations.push(report));
      response.end();
      return;
    }
    const found = handlers.find(({ prefix }) => request.url?.startsWith(prefix));
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    request.url = request.url?.slice(found.prefix.length - 1) ?? "/";
    found.handle(request, response);
  });
  return { site: `${url}${SUB_PATH}`, violations, close };
}

/** A page of somebody else, on an origin of its own. */
export async function startStranger(
  html: string,
): Promise<{ url: string; close(): Promise<void> }> {
  return serve((_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8").end(html);
  });
}

async function serve(
  answer: (
    request: IncomingMessage,
    response: Parameters<ReturnType<typeof siteHandler>>[1],
  ) => void,
): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, "localhost", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
