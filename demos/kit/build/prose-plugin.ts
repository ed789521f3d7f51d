import { resolve } from "node:path";
import type { Plugin } from "vite";
import { readProse } from "./prose.ts";

/** Inserts a walkthrough's prose into its page: `<!-- prose: streaming/prose.html -->`, relative to `demos`. */
export function prosePlugin(demos: string): Plugin {
  const marker = /<!-- prose: (\S+) -->/;
  return {
    name: "prose",
    transformIndexHtml: {
      order: "pre",
      handler: (html) => html.replace(marker, (_, path: string) => readProse(resolve(demos, path))),
    },
    configureServer({ watcher, ws }) {
      watcher.add(demos);
      watcher.on("change", (file) => {
        if (file.endsWith(".html")) ws.send({ type: "full-reload" });
      });
    },
  };
}
