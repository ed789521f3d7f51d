import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/**
 * Writes `sw.js` with the exact list of the site's files. Its version is the hash of all they hold,
 * so that the same site gives the same worker and any change a new one.
 */
export function offline(site: string): Plugin {
  return {
    name: "offline",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const fixed = join(site, "public");
      const files = new Map<string, string | Uint8Array>(
        readdirSync(fixed).map((name) => [name, readFileSync(join(fixed, name))]),
      );
      for (const [name, file] of Object.entries(bundle)) {
        files.set(name, file.type === "chunk" ? file.code : file.source);
      }
      const names = [...files.keys()].sort();
      const version = createHash("sha256");
      for (const name of names) version.update(`${name}\0`).update(files.get(name) ?? "");
      // A page is asked for by its folder.
      const addresses = names.map((name) => `./${name.replace(/(^|\/)index\.html$/, "$1")}`);
      const worker = readFileSync(join(site, "sw.js"), "utf8")
        .replace('"VERSION"', JSON.stringify(version.digest("hex").slice(0, 16)))
        .replace('["FILES"]', JSON.stringify(addresses));
      this.emitFile({ type: "asset", fileName: "sw.js", source: worker });
    },
  };
}
