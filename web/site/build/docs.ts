import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { Marked, Renderer } from "marked";
import { normalizePath, type Plugin } from "vite";
import { manifestText } from "./manifest-text.ts";
import { virtualPages } from "./virtual-pages.ts";

/** A line of `web/site/docs/pages.json`. */
interface Doc {
  readonly id: string;
  /** Markdown file relative to the repository; absent where the text is generated. */
  readonly file?: string;
  readonly title: string;
  /** Whom it is for. */
  readonly for: string;
}

/** A part of a page that the search can find. */
interface Section {
  /** Relative to `docs/`. */
  readonly url: string;
  readonly title: string;
  readonly text: string;
}

/**
 * Makes a page of `docs/` of each entry of `docs/pages.json`, so that repository and site say the same,
 * a list of them where a page says `<!-- docs -->`, and `docs/search.json`.
 *
 * @returns the plugins, and the pages relative to `site`
 */
export function docs(site: string, root: string) {
  const list: Doc[] = JSON.parse(readFileSync(join(site, "docs/pages.json"), "utf8"));
  const pages = new Map(list.map((doc) => [`docs/${doc.id}/index.html`, doc]));
  const texts = new Map<Doc, string>();
  const textOf = (doc: Doc) => {
    const text = texts.get(doc) ?? markdownOf(doc, root);
    texts.set(doc, text);
    return text;
  };
  const plugins: Plugin[] = [
    virtualPages(site, "docs", (path) => {
      const doc = pages.get(path);
      return doc && pageOf(doc, list, render(textOf(doc), doc, list));
    }),
    {
      name: "docs-list",
      transformIndexHtml: {
        order: "pre",
        handler: (html) => html.replace("<!-- docs -->", () => listOf(list)),
      },
      generateBundle() {
        const sections = list.flatMap((doc) => sectionsOf(textOf(doc), doc));
        const source = JSON.stringify(sections);
        this.emitFile({ type: "asset", fileName: "docs/search.json", source });
      },
    },
  ];
  return { plugins, pages: [...pages.keys()] };
}

function markdownOf(doc: Doc, root: string): string {
  if (doc.file) return readFileSync(join(root, doc.file), "utf8");
  if (doc.id === "manifest") {
    const schema = readFileSync(
      join(root, "exporter/nnef_pulse/bundle/bundle.schema.json"),
      "utf8",
    );
    return manifestText(JSON.parse(schema));
  }
  const program = process.platform === "win32" ? "Scripts/python.exe" : "bin/python";
  const options = ["-m", "typer", "nnef_pulse.cli.app", "utils", "docs", "--name", "nnef-pulse"];
  const text = execFileSync(join(root, ".venv", program), options, { encoding: "utf8" });
  return text
    .replace(/^\*\*Usage\*\*:$/gm, "")
    .replace(/^# `nnef-pulse`$/m, "# The command nnef-pulse");
}

const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

/** Links to what is no page of the site stay as words. */
function render(text: string, doc: Doc, list: readonly Doc[]): string {
  const folder = dirname(doc.file ?? "");
  const wayTo = (href: string): string | undefined => {
    if (/^(https?:|#)/.test(href)) return href;
    const [path = "", anchor] = href.split("#");
    const file = posix.normalize(posix.join(normalizePath(folder), path));
    if (file === "docs/live.png") return "../../share.png";
    const found = list.find((each) => each.file === file || each.file === `${file}/README.md`);
    return found && `../${found.id}/${anchor === undefined ? "" : `#${anchor}`}`;
  };
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      /** A table may be wider than a phone: it scrolls by itself, by keyboard too. */
      table(token) {
        const table = Renderer.prototype.table.call(this, token);
        return `<div class="wide" role="region" aria-label="Table" tabindex="0">${table}</div>\n`;
      },
      link({ href, tokens }) {
        const words = this.parser.parseInline(tokens).replace(/\.md$/, "");
        const way = wayTo(href);
        return way === undefined ? words : `<a href="${way}">${words}</a>`;
      },
      image({ href, text }) {
        const way = wayTo(href);
        return way === undefined ? "" : `<img src="${way}" alt="${text}" vite-ignore />`;
      },
    },
  });
  return marked.parse(text.replace(/<!--.*?-->\n?/gs, ""), { async: false });
}

function sectionsOf(text: string, doc: Doc): Section[] {
  const parts = text.replace(/<!--.*?-->/gs, "").split(/^(?=#{1,4} )/m);
  return parts.flatMap((part, index) => {
    const [heading = "", ...lines] = part.split("\n");
    const words = heading.replace(/^#+ /, "").replaceAll("`", "");
    const body = lines
      .join(" ")
      .replace(/[`*|>#]|\]\([^)]*\)|\[/g, " ")
      .replace(/\s+/g, " ")
      .trim();
    if (words === "" && body === "") return [];
    const url = index === 0 ? `${doc.id}/` : `${doc.id}/#${anchorOf(heading.replace(/^#+ /, ""))}`;
    return [{ url, title: index <= 1 ? doc.title : `${doc.title}: ${words}`, text: body }];
  });
}

function listOf(list: readonly Doc[]): string {
  return [...new Set(list.map((doc) => doc.for))]
    .map((reader) => {
      const links = list
        .filter((doc) => doc.for === reader)
        .map(({ id, title }) => `<li><a href="./${id}/">${title}</a></li>`);
      return `<section><h2>For ${reader}</h2><ul>${links.join("")}</ul></section>`;
    })
    .join("\n");
}

const pageOf = (doc: Doc, list: readonly Doc[], html: string): string => `<!doctype html>
<html lang="en">
  <head>
    <title>nnef-pulse: ${doc.title}</title>
    <meta name="description" content="${doc.title}: documentation of nnef-pulse, for ${doc.for}." />
    <link rel="stylesheet" href="../docs.css" />
    <script type="module" src="../docs.ts"></script>
  </head>
  <body>
    <!-- bar -->
    <div class="docs">
      <nav class="docs-pages" aria-label="Documents">
        <a href="../">All documents</a>
        ${list
          .map(({ id, title }) => {
            const current = id === doc.id ? ' aria-current="page"' : "";
            return `<a href="../${id}/"${current}>${title}</a>`;
          })
          .join("\n        ")}
      </nav>
      <main id="main" class="prose">
${html}
      </main>
    </div>
  </body>
</html>
`;
