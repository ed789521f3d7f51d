import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { tarballs } from "../project.mjs";
import { allEntries } from "./node.mjs";

/** @typedef {import("../main.mjs").Step} Step */

/** What a program of each entry compiles with; "node16" and "nodenext" name a module system too. */
const resolutions = [
  { module: "node16", moduleResolution: "node16" },
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "esnext", moduleResolution: "bundler" },
];

/** @param {string} version @returns {Step} */
const typescript = (version) => ({
  name: `typescript-${version.split(".").slice(0, 2).join(".")}`,
  title: "TypeScript, strict, with libraries checked",
  packages: { typescript: version },
  scope: "types of every entry under node16, nodenext and bundler",
  async run(project) {
    const entries = await allEntries(project);
    const imports = entries.map((entry, n) => `import * as entry${n} from "${entry}";`);
    const uses = entries.map((_, n) => `void entry${n};`);
    await project.write({
      "use.ts": [
        ...imports,
        ...uses,
        'const vad: HTMLElementTagNameMap["nnef-vad"] = document.createElement("nnef-vad");',
        "void vad.click;",
      ].join("\n"),
    });
    for (const resolution of resolutions) {
      const compilerOptions = {
        ...resolution,
        strict: true,
        skipLibCheck: false,
        exactOptionalPropertyTypes: true,
        target: "es2022",
        lib: ["es2022", "dom", "dom.iterable"],
        types: [],
        noEmit: true,
      };
      await project.write({
        "tsconfig.json": JSON.stringify({ compilerOptions, files: ["use.ts"] }),
      });
      await project.npx("tsc", ["-p", "."]);
    }
    return `${entries.length} entries`;
  },
});

/** @type {Step} */
const published = {
  name: "published",
  title: "publint and are-the-types-wrong",
  packages: {},
  scope: "both tarballs, as ES modules",
  async run(project) {
    for (const tarball of await tarballs()) {
      const analysis = await checkPackage(
        createPackageFromTarballData(new Uint8Array(await readFile(tarball))),
      );
      if (!analysis.types) throw new Error(`${tarball} has no types`);
      const name = analysis.packageName;
      const { messages, pkg } = await publint({
        pkgDir: join(project.path("node_modules"), name),
        strict: true,
      });
      const found = messages.map((message) => `${name}: ${formatMessage(message, pkg)}`);
      // CommonJS and resolution from before `exports` are not offered; styles, workers and files have no types.
      const offered = ["node16-esm", "bundler"];
      for (const problem of analysis.problems) {
        if ("resolutionKind" in problem && !offered.includes(problem.resolutionKind)) continue;
        if ("entrypoint" in problem && /\.(js|wasm|css|json)$|\*/.test(problem.entrypoint))
          continue;
        found.push(`${name}: ${JSON.stringify(problem)}`);
      }
      if (found.length > 0) throw new Error(found.join("\n"));
    }
    return "no finding";
  },
};

export const typeSteps = [typescript("5.4.5"), typescript("7.0.2"), published];
