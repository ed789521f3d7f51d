import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { prose } from "../form/prose.ts";

const here = dirname(fileURLToPath(import.meta.url));

/** The walkthrough alone, as a site of somebody else's would have it. */
export default defineConfig({
  root: here,
  base: "./",
  plugins: [prose(resolve(here, ".."))],
  // Bundles and Python, as `npm run build` at the repository's root makes them.
  publicDir: resolve(here, "../../dist"),
  build: {
    outDir: resolve(here, "../../.build/demos/streaming"),
    emptyOutDir: true,
    copyPublicDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
});
