import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { frame } from "../site/build/frame.ts";
import { notices } from "../site/build/notices.ts";
import { offline } from "../site/build/offline.ts";
import { virtualPages } from "../site/build/virtual-pages.ts";

const viewer = dirname(fileURLToPath(import.meta.url));
const site = resolve(viewer, "../site");
const out = resolve(viewer, "../../.build/viewer");

/** Pages of the site, as they are. */
const ofSite = ["inspect/index.html", "embed/stream.html"];
const bar = [
  { name: "Models", path: "" },
  { name: "Inspect", path: "inspect/" },
];

/** Builds the pages that the exporter's wheel carries: `nnef-pulse site` and `view` put bundles to them. */
export default defineConfig({
  root: viewer,
  base: "./",
  publicDir: join(site, "public"),
  plugins: [
    virtualPages(viewer, "site-pages", (path) =>
      ofSite.includes(path)
        ? readFileSync(join(site, path), "utf8").replaceAll(
            '="./',
            `="../../site/${dirname(path)}/`,
          )
        : undefined,
    ),
    frame(viewer, bar),
    offline(site, ["bundles/index.json"]),
    notices("The pages", resolve(viewer, "../dist"), out),
  ],
  build: {
    outDir: out,
    emptyOutDir: true,
    // A data: URL would be stopped by the pages' policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: {
      input: ["index.html", ...ofSite].map((page) => join(viewer, page)),
    },
  },
});
