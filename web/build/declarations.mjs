/** Declares the types of the library's entries: `node web/build/declarations.mjs` writes web/dist/types. */
import { execFileSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
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
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await declareTypes(fileURLToPath(new URL("dist/types", root)));
}
