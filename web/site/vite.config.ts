import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { sitePages } from "nnef-pulse/look";
import { defineConfig } from "vite";
import { prosePlugin } from "../../demos/kit/build/prose-plugin.ts";
import { docs } from "./build/docs.ts";
import { frame } from "./build/frame.ts";
import { keep } from "./build/keep.ts";
import { notFound } from "./build/not-found.ts";
import { notices } from "./build/notices.ts";
import { offline } from "./build/offline.ts";
import { python } from "./build/python.ts";
import { vadFolder } from "./build/vad-folder.ts";
import { walkthroughs } from "./build/walkthroughs.ts";

const site = dirname(fileURLToPath(import.meta.url));
const demos = resolve(site, "../../demos");
const out = resolve(site, "../../dist");
const { plugins: docPages, pages: docPaths } = docs(site, resolve(site, "../.."));
const { plugins: walkthroughPages, pages: walkthroughPaths } = walkthroughs(site, demos);

/** Every HTML file of the site is a page; the bar names those that have a room. */
const files = readdirSync(site, { recursive: true, encoding: "utf8" });
const pages = [...files.filter((path) => path.endsWith(".html")), ...walkthroughPaths, ...docPaths];
/** `embed/vad.html` gives files called `embed-vad`. */
const nameOf = (page: string) => page.replace(/\.html$/, "").replaceAll("/", "-");

/** A room without a page of its own leads to the first page in it. */
const present = sitePages.flatMap(({ name, path }) => {
  const inside = pages.filter((page) => page.startsWith(path) && page.endsWith("index.html"));
  const [first] = inside.sort((a, b) => a.length - b.length || a.localeCompare(b));
  return first === undefined ? [] : [{ name, path: first.replace(/index\.html$/, "") }];
});

export default defineConfig({
  root: site,
  base: "./",
  plugins: [
    docPages,
    walkthroughPages,
    prosePlugin(demos),
    frame(site, present, resolve(site, "../../docs/live.png")),
    notFound(process.env.SITE_ROOT ?? "/"),
    offline(site, ["sample/sample.json", "sample/sample.wav", "bundles/index.json"]),
    vadFolder(),
    keep(out, ["bundles", "sample", "tutorial"]),
    python(resolve(site, "../.."), out),
    notices("This site", resolve(site, "../dist"), out),
  ],
  build: {
    outDir: out,
    emptyOutDir: false,
    // A data: URL would be stopped by the pages' policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: {
      input: Object.fromEntries(pages.map((page) => [nameOf(page), join(site, page)])),
    },
  },
});
