import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { contentSecurityPolicy } from "../../setup/policy.mjs";
import { bar, rooms } from "../src/look/index.ts";

const site = dirname(fileURLToPath(import.meta.url));
const out = resolve(site, "../../dist");

/** Every HTML file of the site is a page. */
const pages = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".html"),
);
const present = rooms.filter(({ path }) => existsSync(join(site, path, "index.html")));

/** Gives each page what all pages share: policy, theme, bar. */
function frame(): Plugin {
  return {
    name: "frame",
    transformIndexHtml: {
      order: "pre",
      handler(html, { filename, server }) {
        const folder = relative(site, dirname(filename));
        const root = folder === "" ? "./" : `${relative(folder, ".")}/`;
        const here = folder === "" ? "" : `${folder}/`;
        // Vite's development server needs inline script for its own updates.
        const policy = server
          ? ""
          : `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}" />`;
        const head = `
    <meta charset="utf-8" />
    ${policy}
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <link rel="icon" href="data:," />
    <script src="${root}theme.js" vite-ignore></script>`;
        return html
          .replace("<head>", () => `<head>${head}`)
          .replace("<!-- bar -->", () => bar(root, here, present));
      },
    },
  };
}

/** Empties the output except for what the set-up put there: bundles and the sample. */
function keepMadeData(): Plugin {
  const kept = new Set(["bundles", "sample"]);
  return {
    name: "keep-made-data",
    apply: "build",
    buildStart() {
      if (!existsSync(out)) return;
      for (const name of readdirSync(out)) {
        if (!kept.has(name)) rmSync(join(out, name), { recursive: true });
      }
    },
  };
}

export default defineConfig({
  resolve: {
    alias: {
      "nnef-pulse/look/look.css": resolve(site, "../src/look/look.css"),
      "nnef-pulse/look": resolve(site, "../src/look/index.ts"),
      "nnef-pulse/wav": resolve(site, "../src/wav.ts"),
    },
  },
  root: site,
  base: "./",
  plugins: [frame(), keepMadeData()],
  build: {
    outDir: out,
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: { input: Object.fromEntries(pages.map((page) => [page, join(site, page)])) },
  },
});
