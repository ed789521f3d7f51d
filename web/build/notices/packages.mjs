import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inRoot } from "../../../setup/paths.mjs";
import { section } from "./document.mjs";
import { textsIn } from "./texts.mjs";

/**
 * Gathers what bundlers take from npm packages: code, and files such as fonts.
 *
 * One can stand in several builds; `sections()` says what all of them took.
 */
export function packageNotices() {
  /** @type {Set<string>} */
  const taken = new Set();
  return {
    /** For rolldown and Vite alike. */
    plugin: {
      name: "third-party",
      /** @param {unknown} _options @param {Record<string, Output>} bundle */
      generateBundle(_options, bundle) {
        for (const file of Object.values(bundle)) {
          for (const id of file.moduleIds ?? file.originalFileNames ?? []) {
            const name = packageOf(id);
            if (name) taken.add(name);
          }
        }
      },
    },
    /** For what is copied as it is. @param {string} name */
    add: (name) => taken.add(name),
    sections: () => {
      const all = new Set([...taken].flatMap((name) => [name, ...(inside[name] ?? [])]));
      return Promise.all([...all].map(packageSection));
    },
  };
}

/**
 * A chunk's modules, or the files an asset was made from.
 *
 * @typedef {{ moduleIds?: readonly string[], originalFileNames?: readonly string[] }} Output
 */

/** What a package carries within its own files, where bundlers do not see it. @type {Record<string, string[]>} */
const inside = { "@dagrejs/dagre": ["@dagrejs/graphlib"] };

/**
 * The package a module is from: by its path, or, for what a bundler adds of its own, by the name
 * that its id begins with.
 * @param {string} id
 */
export function packageOf(id) {
  const path = id.replaceAll("\\", "/");
  const inModules = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(`/${path}`);
  const added = /^\0(vite|rolldown)\//.exec(path);
  return inModules?.[1] ?? added?.[1];
}

/** Vite's file goes on with the licences of what its own tools hold, none of which reaches a page. */
const ofToolsWithin = /^# Licenses of bundled dependencies[\s\S]*/m;

/** @param {string} name of a package in node_modules */
async function packageSection(name) {
  const folder = inRoot("node_modules", name);
  const { version, license, homepage, repository } = JSON.parse(
    await readFile(join(folder, "package.json"), "utf8"),
  );
  const source = typeof repository === "string" ? repository : repository?.url;
  const licence = license ?? "none";
  return section({
    name,
    version,
    licence,
    home: source?.replace(/^git\+/, "").replace(/\.git$/, "") ?? homepage,
    texts: (await textsIn(folder, licence)).map((text) => text.replace(ofToolsWithin, "")),
  });
}
