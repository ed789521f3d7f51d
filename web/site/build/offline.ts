import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Plugin } from "vite";

type Files = ReadonlyMap<string, string | Uint8Array>;

/**
 * Writes `sw.js` with the exact list of what `pages` consist of, kept for everybody, and of what each
 * other page adds to that, kept when it is used. Its version is the hash of all these hold, so that the
 * same site gives the same worker and any change a new one.
 */
export function offline(site: string, pages: readonly string[]): Plugin {
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
      const shell = reachable(files, pages).sort();
      const others = [...files.keys()].filter(
        (name) => name.endsWith(".html") && !pages.includes(name),
      );
      const added = others.sort().map((page) => {
        const names = reachable(files, [page]).filter((name) => !shell.includes(name));
        return { page, names: names.sort() };
      });
      const version = createHash("sha256");
      for (const name of new Set([...shell, ...added.flatMap(({ names }) => names)]))
        version.update(`${name}\0`).update(files.get(name) ?? "");
      const entries = added.map(({ page, names }) => [address(page), names.map(address)]);
      const worker = readFileSync(join(site, "sw.js"), "utf8")
        .replace('"VERSION"', JSON.stringify(version.digest("hex").slice(0, 16)))
        .replace('["FILES"]', JSON.stringify(shell.map(address)))
        .replace("{ PAGES: [] }", JSON.stringify(Object.fromEntries(entries)));
      this.emitFile({ type: "asset", fileName: "sw.js", source: worker });
    },
  };
}

/** A page is asked for by its folder. */
function address(name: string): string {
  return `./${name.replace(/(^|\/)index\.html$/, "$1")}`;
}

/** `pages` and every file named in them, in those, and so on: a built file's name stands in whatever loads it. */
function reachable(files: Files, pages: readonly string[]): string[] {
  const found = new Set(pages);
  for (const name of found) {
    const content = files.get(name);
    if (typeof content !== "string" || !/\.(html|js|css)$/.test(name)) continue;
    for (const other of files.keys()) {
      if (!other.endsWith(".html") && content.includes(basename(other))) found.add(other);
    }
  }
  return [...found];
}
