import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { prosePlugin } from "./prose-plugin.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * Vite's configuration that serves or builds one walkthrough outside the site.
 *
 * @param config `import.meta.url` of its `vite.config.ts`
 */
export function walkthroughConfig(config: string) {
  const here = dirname(fileURLToPath(config));
  return defineConfig({
    root: here,
    base: "./",
    plugins: [prosePlugin(dirname(here))],
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
