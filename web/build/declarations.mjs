/** Declares the types of the library's entries: `node web/build/declarations.mjs` writes web/dist/types. */
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { pages } from "./entries.mjs";

const root = new URL("../", import.meta.url);

/** @param {string} outDir */
export async function declareTypes(outDir) {
  const config = new URL(`.build/declarations-${process.pid}.json`, root);
  await mkdir(new URL(".build", root), { recursive: true });
  const compilerOptions = {
    noEmit: false,
    emitDeclarationOnly: true,
    stripInternal: true,
    rootDir: "../src",
    outDir,
  };
  const files = pages.map((name) => `../src/${name}.ts`);
  const include = ["../src/**/*.d.ts"];
  const text = JSON.stringify({ extends: "../tsconfig.json", compilerOptions, files, include });
  await writeFile(config, text);
  try {
    const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
    execFileSync(process.execPath, [tsc, "-p", fileURLToPath(config)], { stdio: "inherit" });
  } finally {
    await rm(config);
  }
  await copyFile(new URL("build/lit.d.ts", root), join(outDir, "lit.d.ts"));
  for (const file of await readdir(outDir, { recursive: true })) {
    if (!file.endsWith(".d.ts")) continue;
    const text = await readFile(join(outDir, file), "utf8");
    await writeFile(join(outDir, file), independent(text, file));
  }
}

/**
 * Declarations that need no package, and no newer TypeScript than 5.4: there, arrays have no buffer type,
 * and `of` gives the array that is meant in every version.
 *
 * @param {string} text @param {string} file its path in the folder of types
 */
function independent(text, file) {
  const up = relative(join(file, ".."), "lit.js").split(sep).join("/");
  const lit = up.startsWith(".") ? up : `./${up}`;
  return text
    .replace(/(from |import\()"lit(-html)?"/g, `$1"${lit}"`)
    .replace(/\b(\w+Array)<ArrayBuffer>/g, "ReturnType<typeof $1.of>");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await declareTypes(fileURLToPath(new URL("dist/types", root)));
}
