import { readFileSync } from "node:fs";
import { basename, dirname, relative } from "node:path";
import { bar, type SitePage } from "nnef-pulse/look";
import type { Plugin } from "vite";
import { contentSecurityPolicy } from "../../../setup/policy.mjs";

/**
 * Gives each page of `site` what all pages share: policy, theme, icon, bar.
 *
 * @param sitePages the pages that exist
 * @param picture PNG file that services show beside a link to a page
 */
export function frame(site: string, sitePages: readonly SitePage[], picture?: string): Plugin {
  return {
    name: "frame",
    generateBundle() {
      if (!picture) return;
      this.emitFile({ type: "asset", fileName: "share.png", source: readFileSync(picture) });
    },
    transformIndexHtml: {
      order: "pre",
      handler(html, { filename, server }) {
        const folder = relative(site, dirname(filename));
        const root = folder === "" ? "./" : `${relative(folder, ".")}/`;
        const file = basename(filename);
        const here = (folder === "" ? "" : `${folder}/`) + (file === "index.html" ? "" : file);
        const head = [
          '<meta charset="utf-8" />',
          // Vite's development server needs inline script for its own updates.
          server
            ? ""
            : `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}" />`,
          '<meta name="viewport" content="width=device-width, initial-scale=1" />',
          '<meta name="color-scheme" content="light dark" />',
          `<link rel="icon" type="image/svg+xml" href="${root}icon.svg" vite-ignore />`,
          picture ? `<meta property="og:image" content="${root}share.png" vite-ignore />` : "",
          `<script src="${root}theme.js" vite-ignore></script>`,
        ];
        return html
          .replace("<head>", () => ["<head>", ...head].join("\n    "))
          .replace("<!-- bar -->", () => bar(root, here, sitePages));
      },
    },
  };
}
