import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Plugin } from "vite";
import { vadFolderFile } from "./vad-folder.ts";

type Files = ReadonlyMap<string, string | Uint8Array>;

/** For services that show a link's picture, and to download; no page loads them. */
const neverLoaded = ["share.png", vadFolderFile];

/**
 * Writes `sw.js` with the exact list of what the pages consist of. Its version is the hash of all these
 * hold, so that the same site gives the same worker and any change a new one.
 *
 * @param site folder of `sw.js` and `public`
 * @param data files beside the build that its first page shows
 */
export function offline(site: string, data: readonly string[]): Plugin {
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
        if (neverLoaded.includes(name)) continue;
        files.set(name, file.type === "chunk" ? file.code : file.source);
      }
      const shell = reachable(files).sort();
      const version = createHash("sha256");
      for (const name of shell) version.update(`${name}\0`).update(files.get(name) ?? "");
      const worker = readFileSync(join(site, "sw.js"), "utf8")
        .replace('"VERSION"', JSON.stringify(version.digest("hex").slice(0, 16)))
        .replace('["FILES"]', JSON.stringify(shell.map(address)))
        .replace('["DATA"]', JSON.stringify(data.map(address)));
      this.emitFile({ type: "asset", fileName: "sw.js", source: worker });
    },
  };
}

/** A page is asked for by its folder. */
function address(name: string): string {
  return `./${name.replace(/(^|\/)index\.html$/, "$1")}`;
}

/** Every page, every file named in them, in those, and so on: a built file's name stands in whatever loads it. */
function reachable(files: Files): string[] {
  const found = new Set([...files.keys()].filter((name) => name.endsWith(".html")));
  for (const name of found) {
    const content = files.get(name);
    if (typeof content !== "string" || !/\.(html|js|css)$/.test(name)) continue;
    for (const other of files.keys()) {
      if (!other.endsWith(".html") && content.includes(basename(other))) found.add(other);
    }
  }
  return [...found];
}
