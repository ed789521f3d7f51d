import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { normalizePath, type Plugin } from "vite";

/** A line of `demos/walkthroughs.json`. */
interface Walkthrough {
  /** Its folder in `demos/`, and its page. */
  readonly id: string;
  /** The bundle it is about. */
  readonly bundle: string;
  readonly title: string;
  /** What its reader will know. */
  readonly about: string;
}

/**
 * Makes a page of the site of each walkthrough that `demos/walkthroughs.json` lists, and the list
 * itself where a page says `<!-- walkthroughs -->`. The pages have no file of their own.
 *
 * @returns the plugin, and the pages relative to `site`
 */
export function walkthroughs(site: string, demos: string) {
  const list: Walkthrough[] = JSON.parse(readFileSync(join(demos, "walkthroughs.json"), "utf8"));
  const pages = new Map(list.map((each) => [`walkthroughs/${each.id}/index.html`, each]));
  const plugin: Plugin = {
    name: "walkthroughs",
    enforce: "pre",
    resolveId: (id) => (pages.has(within(site, id)) ? normalizePath(id) : undefined),
    load(id) {
      const each = pages.get(within(site, id));
      return each && pageOf(each, "../../../../demos");
    },
    transformIndexHtml: {
      order: "pre",
      handler: (html) => html.replace("<!-- walkthroughs -->", () => list.map(entryOf).join("\n")),
    },
    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        const address = new URL(request.url ?? "/", "http://localhost").pathname;
        const each = pages.get(address.slice(1).replace(/\/$/, "/index.html"));
        if (!each) return next();
        const page = pageOf(each, `/@fs/${normalizePath(resolve(demos)).replace(/^\//, "")}`);
        response.setHeader("content-type", "text/html");
        response.end(await server.transformIndexHtml(`/walkthroughs/${each.id}/index.html`, page));
      });
    },
  };
  return { plugin, pages: [...pages.keys()] };
}

const within = (site: string, id: string): string =>
  normalizePath(id).replace(`${normalizePath(site)}/`, "");

const entryOf = ({ id, title, about }: Walkthrough): string =>
  `<li><h2><a href="./${id}/">${title}</a></h2><p>${about}</p></li>`;

/** `demos` is the way there from the page. */
const pageOf = (
  { id, bundle, title, about }: Walkthrough,
  demos: string,
): string => `<!doctype html>
<html lang="en">
  <head>
    <title>nnef-pulse: ${title.charAt(0).toLowerCase()}${title.slice(1)}</title>
    <meta name="description" content="${about}" />
    <link rel="stylesheet" href="${demos}/${id}/page.css" />
    <script type="module" src="../shell.ts"></script>
    <script type="module" src="${demos}/${id}/main.ts"></script>
  </head>
  <body
    class="walkthrough"
    data-bundle="../../bundles/${bundle}/"
    data-inspector="../../inspect/"
    data-python="../../python/"
  >
    <!-- bar -->
    <main id="main">
      <!-- prose: ${id}/prose.html -->
    </main>
    <noscript><p class="needs">The figures need JavaScript and WebAssembly; the text does not.</p></noscript>
  </body>
</html>
`;
