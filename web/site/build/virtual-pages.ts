import { normalizePath, type Plugin } from "vite";

/** The path of a module relative to `site`. */
export const within = (site: string, id: string): string =>
  normalizePath(id).replace(`${normalizePath(site)}/`, "");

/**
 * Pages of the site that have no file of their own.
 * @param pageOf HTML of the page at a path relative to `site`; undefined where there is none.
 *   `isServed` is true in the development server, which finds files outside `site` elsewhere.
 */
export function virtualPages(
  site: string,
  name: string,
  pageOf: (path: string, isServed: boolean) => string | undefined,
): Plugin {
  return {
    name,
    enforce: "pre",
    resolveId: (id) => (pageOf(within(site, id), false) ? normalizePath(id) : undefined),
    load: (id) => pageOf(within(site, id), false),
    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        const address = new URL(request.url ?? "/", "http://localhost").pathname;
        const path = address.slice(1).replace(/\/$/, "/index.html");
        const page = pageOf(path, true);
        if (!page) return next();
        response.setHeader("content-type", "text/html");
        response.end(await server.transformIndexHtml(`/${path}`, page));
      });
    },
  };
}
