import type { Plugin } from "vite";

/**
 * Lets hosts answer any missing address, at any depth, with `404.html`: its links start at the site's root.
 * @param root path of the site on its host, `/` or as `/name/`
 */
export function notFound(root: string): Plugin {
  return {
    name: "not-found",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const page = bundle["404.html"];
      if (page?.type !== "asset") return;
      page.source = String(page.source).replaceAll(/(?<=(?:href|src|content)=")\.\//g, root);
    },
  };
}
