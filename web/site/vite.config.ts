import { existsSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rooms } from "nnef-pulse/look";
import { defineConfig } from "vite";
import { frame } from "./build/frame.ts";
import { offline } from "./build/offline.ts";

const site = dirname(fileURLToPath(import.meta.url));

/** Every HTML file of the site is a page; the bar names those that have a room. */
const pages = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".html"),
);
const present = rooms.filter(({ path }) => existsSync(join(site, path, "index.html")));

export default defineConfig({
  root: site,
  base: "./",
  plugins: [frame(site, present), offline(site)],
  build: {
    outDir: resolve(site, "../../.build/site"),
    emptyOutDir: true,
    // A data: URL would be stopped by the pages' policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: { input: Object.fromEntries(pages.map((page) => [page, join(site, page)])) },
  },
});
