import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { prose } from "./prose.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Vite's configuration for one walkthrough alone, as a site of somebody else's would have it. */
export function alone(config: string) {
  const here = dirname(fileURLToPath(config));
  return defineConfig({
    root: here,
    base: "./",
    plugins: [prose(dirname(here))],
    // Bundles and Python, as `npm run build` at the repository's root makes them.
    publicDir: resolve(root, "dist"),
    build: {
      outDir: resolve(root, ".build/demos", basename(here)),
      emptyOutDir: true,
      copyPublicDir: false,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: "es2022",
    },
  });
}
