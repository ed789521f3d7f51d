import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Marked, Renderer } from "marked";
import type { Plugin } from "vite";

/**
 * Puts a Markdown document of the package where a page says `<!-- document: name.md -->`, so that
 * package and site say the same. `name.md` in a link becomes the page `../name/`.
 */
export function documents(folder: string): Plugin {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        const id = text.toLowerCase().replace(/[^a-z0-9]+/g, "-");
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      /** A table may be wider than a phone: it scrolls by itself, by keyboard too. */
      table(token) {
        const table = Renderer.prototype.table.call(this, token);
        return `<div class="wide" role="region" aria-label="Table" tabindex="0">${table}</div>\n`;
      },
      link({ href, tokens }) {
        const page = href.replace(/^([\w-]+)\.md(#.*)?$/, "../$1/$2");
        const words = this.parser.parseInline(tokens).replace(/\.md$/, "");
        return `<a href="${page}">${words}</a>`;
      },
    },
  });
  return {
    name: "documents",
    transformIndexHtml: {
      order: "pre",
      handler: (html) =>
        html.replace(/<!-- document: ([\w-]+\.md) -->/g, (_mark, name: string) =>
          marked.parse(readFileSync(join(folder, name), "utf8"), { async: false }),
        ),
    },
  };
}
