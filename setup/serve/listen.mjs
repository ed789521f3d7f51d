import { once } from "node:events";
import { createServer } from "node:http";
import { siteDir } from "../paths.mjs";
import { gzipStore } from "./gzip.mjs";
import { siteHandler } from "./handler.mjs";

/** Answers requests for the built site. */
export const handler = siteHandler({ folder: siteDir, gzip: gzipStore });

/**
 * Serves the built site to this machine alone, or where HOST says.
 * @param {number} port 0 for any free one
 * @returns {Promise<{ address: string, close: () => void }>}
 */
export async function listen(port, host = process.env.HOST) {
  // Some systems resolve "localhost" to ::1 first, others to 127.0.0.1: answer on both.
  const hosts = host ? [host] : ["127.0.0.1", "::1"];
  /** @type {import("node:http").Server[]} */
  const servers = [];
  let bound = port;
  for (const one of hosts) {
    const server = createServer(handler);
    try {
      await once(server.listen(bound, one), "listening");
      bound = /** @type {import("node:net").AddressInfo} */ (server.address()).port;
      servers.push(server);
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (one === "::1" && (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT")) continue;
      for (const server of servers) server.close();
      if (code !== "EADDRINUSE") throw error;
      throw new Error(
        `port ${port} is taken by another program: choose one, as in PORT=${port + 1} npm start`,
      );
    }
  }
  return {
    address: `http://${host ?? "localhost"}:${bound}/`,
    close: () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}
