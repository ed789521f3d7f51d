import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Plugin } from "vite";

/** Writes a walkthrough's prose into its page: `<!-- prose: streaming/prose.html -->`, from `demos`. */
export function prose(demos: string): Plugin {
  const mark = /<!-- prose: (\S+) -->/;
  return {
    name: "prose",
    transformIndexHtml: {
      order: "pre",
      handler: (html) =>
        html.replace(mark, (_, path: string) => readFileSync(resolve(demos, path), "utf8")),
    },
    configureServer({ watcher, ws }) {
      watcher.add(dirname(resolve(demos, "form")));
      watcher.on("change", (file) => {
        if (file.endsWith("prose.html")) ws.send({ type: "full-reload" });
      });
    },
  };
}

/** Number words are numbers too. */
const WORDS =
  /\b(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twice|thrice|dozen|hundred|thousand)\b/i;

/** A number somebody typed where a reader sees it. */
export interface Typed {
  readonly line: number;
  readonly text: string;
}

/**
 * Numbers typed in prose: digits and number words in what a reader sees. `<nnef-number>` is where
 * numbers come from, so its own attributes do not count; nor do those of any other tag, nor comments.
 */
export function typedNumbers(html: string): readonly Typed[] {
  const blank = (all: string) => all.replace(/[^\n]/g, " ");
  const seen = html.replace(/<!--.*?-->/gs, blank).replace(/<[^>]*>/gs, blank);
  return seen.split("\n").flatMap((text, at) => {
    const found = /\d/.test(text) || WORDS.test(text);
    return found ? [{ line: at + 1, text: text.trim() }] : [];
  });
}
