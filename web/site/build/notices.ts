import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { fileName, sectionsOf, thirdPartyList } from "../../build/notices/document.mjs";
import { wheelSections } from "../../build/notices/installed.mjs";
import { packageNotices } from "../../build/notices/packages.mjs";
import { pyodideSections } from "../../build/notices/pyodide.mjs";

/** Wheels of the project's own are called so. */
const OURS = /^nnef_/;

/**
 * Writes whose software the site holds, and under which terms: of the library, of what is bundled
 * besides, and of Python. Beside the bundler's own output: nobody's browser takes it along unasked.
 */
export function notices(library: string, out: string): Plugin[] {
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
          const { wheels } = JSON.parse(readFileSync(join(out, "python/index.json"), "utf8"));
          const ofOthers = wheels.filter((name: string) => !OURS.test(name));
          const all = [
            ...sectionsOf(readFileSync(join(library, fileName), "utf8")),
            ...(await sections()),
            ...(await pyodideSections()),
            ...(await wheelSections(ofOthers)),
          ];
          writeFileSync(join(out, fileName), thirdPartyList("This site", all));
        },
      },
    },
  ];
}
