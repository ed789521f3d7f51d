import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { normalizePath, type Plugin } from "vite";
import { readProse } from "../../../demos/kit/build/prose.ts";
import { readingMinutes } from "../../../demos/kit/build/reading-time.ts";
import { virtualPages, within } from "./virtual-pages.ts";

/** A line of `demos/walkthroughs.json`. */
interface Walkthrough {
  /** Its folder in `demos/`, and its page. */
  readonly id: string;
  /** The bundle it is about. */
  readonly bundle: string;
  readonly title: string;
  /** The title in two words, for where there is little room. */
  readonly short: string;
  /** What its reader will know. */
  readonly about: string;
}

/**
 * Makes a page of the site of each walkthrough that `demos/walkthroughs.json` lists. The pages have
 * no file of their own. Where a page says `<!-- walkthroughs: h2 -->` it gets the whole list, its
 * titles as headings of that level; where it says `<!-- walkthrough links -->` a line of links.
 *
 * @returns the plugins, and the pages relative to `site`
 */
export function walkthroughs(site: string, demos: string) {
  const list: Walkthrough[] = JSON.parse(readFileSync(join(demos, "walkthroughs.json"), "utf8"));
  const pages = new Map(list.map((each) => [`walkthroughs/${each.id}/index.html`, each]));
  const after = (each: Walkthrough) => list[list.indexOf(each) + 1];
  const plugins: Plugin[] = [
    virtualPages(site, "walkthroughs", (path, isServed) => {
      const each = pages.get(path);
      const way = `/@fs/${normalizePath(resolve(demos)).replace(/^\//, "")}`;
      return each && pageOf(each, after(each), isServed ? way : "../../../../demos");
    }),
    {
      name: "walkthrough-links",
      transformIndexHtml: {
        order: "pre",
        handler: (html, { filename }) =>
          html
            .replace(/<!-- walkthroughs: (h\d) -->/, (_mark, heading) => {
              const root = relative(dirname(within(site, filename)), ".") || ".";
              return list.map((each) => entryOf(each, demos, heading, root)).join("\n");
            })
            .replace("<!-- walkthrough links -->", () => linksFrom(within(site, filename), list)),
      },
    },
  ];
  return { plugins, pages: [...pages.keys()] };
}

function entryOf(
  { id, bundle, title, about }: Walkthrough,
  demos: string,
  heading: string,
  root: string,
): string {
  const prose = readProse(join(demos, id, "prose.html"));
  const tasks = prose.match(/\sdata-task=/g)?.length ?? 0;
  const minutes = readingMinutes(prose.replace(/<[^>]*>/g, ""), tasks);
  return `<li>
          <div>
            <${heading}><a href="${root}/walkthroughs/${id}/">${title}</a></${heading}>
            <p>${about}</p>
            <p class="muted"><span class="figure">${minutes}</span> minutes</p>
          </div>
          <div class="thumbnail" data-bundle="${root}/bundles/${bundle}/"></div>
        </li>`;
}

/** Links to all walkthroughs from a page of the site, its own marked. */
function linksFrom(page: string, list: readonly Walkthrough[]): string {
  const links = list.map(({ id, short }) => {
    const folder = `walkthroughs/${id}`;
    const current = dirname(page) === folder ? ' aria-current="page"' : "";
    const way = normalizePath(relative(dirname(page), folder)) || ".";
    return `<a href="${way.startsWith(".") ? way : `./${way}`}/"${current}>${short}</a>`;
  });
  return `<nav class="walkthrough-links" aria-label="Walkthroughs">${links.join("")}</nav>`;
}

/** `demos` is the way there from the page. */
const pageOf = (
  { id, bundle, title, about }: Walkthrough,
  next: Walkthrough | undefined,
  demos: string,
): string => `<!doctype html>
<html lang="en">
  <head>
    <title>nnef-pulse: ${title}</title>
    <meta name="description" content="${about}" />
    <link rel="stylesheet" href="${demos}/${id}/page.css" />
    <link rel="stylesheet" href="../links.css" />
    <script type="module" src="../shell.ts"></script>
    <script type="module" src="${demos}/${id}/main.ts"></script>
  </head>
  <body
    class="walkthrough"
    data-bundle="../../bundles/${bundle}/"
    data-inspector="../../inspect/"
    data-python="../../python/"
    data-sample="../../sample/"
    data-embed="../../embed/"
  >
    <!-- bar -->
    <!-- walkthrough links -->
    <main id="main">
      <!-- prose: ${id}/prose.html -->
    </main>
    ${next ? `<nav class="walkthrough-next" aria-label="Next">Next: <a href="../${next.id}/">${next.title}</a></nav>` : ""}
    <noscript><p class="needs">The figures need JavaScript and WebAssembly; the text does not.</p></noscript>
  </body>
</html>
`;
