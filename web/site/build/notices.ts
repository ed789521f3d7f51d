import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { fileName, sectionsOf, thirdPartyList } from "../../build/notices/document.mjs";
import { wheelSections } from "../../build/notices/installed.mjs";
import { packageNotices } from "../../build/notices/packages.mjs";
import { pyodideSections } from "../../build/notices/pyodide.mjs";

/** Wheels of the project's own are called so. */
const OURS = /^nnef_/;

/**
 * Writes whose software the pages in `out` hold, and under which terms: of the library, of what is
 * bundled besides, and of Python where it is there. Beside the bundler's own output: nobody's browser
 * takes it along unasked.
 *
 * @param what the pages, as the list's first words
 */
export function notices(what: string, library: string, out: string): Plugin[] {
  const { plugin, sections } = packageNotices();
  return [
    plugin,
    {
      name: "notices",
      apply: "build",
      closeBundle: {
        order: "post",
        sequential: true,
        async handler() {
          const all = [
            ...sectionsOf(readFileSync(join(library, fileName), "utf8")),
            ...(await sections()),
            ...(await pythonSections(join(out, "python/index.json"))),
          ];
          writeFileSync(join(out, fileName), thirdPartyList(what, all));
        },
      },
    },
  ];
}

/** @param index what there is of Python */
async function pythonSections(index: string): Promise<string[]> {
  if (!existsSync(index)) return [];
  const { wheels } = JSON.parse(readFileSync(index, "utf8"));
  const ofOthers = wheels.filter((name: string) => !OURS.test(name));
  return [...(await pyodideSections()), ...(await wheelSections(ofOthers))];
}
