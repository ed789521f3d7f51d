/**
 * Writes web/src/bundle/manifest.ts and schema.ts from the bundle contract, exporter/nnef_pulse/bundle/bundle.schema.json.
 * Run after changing the contract: `npm run manifest-types -w web`. A test holds the two files to it.
 */
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const contract = new URL("../../exporter/nnef_pulse/bundle/bundle.schema.json", import.meta.url);
const note =
  "// Made from exporter/nnef_pulse/bundle/bundle.schema.json by `npm run manifest-types -w web`; change that.";

/** @returns {Promise<Record<string, string>>} file text by its path in web/src */
export async function manifestSources() {
  const schema = JSON.parse(await readFile(contract, "utf8"));
  const types = await compile(structuredClone(schema), "BundleManifest", {
    additionalProperties: false,
    bannerComment: note,
    format: false,
    ignoreMinAndMaxItems: true,
  });
  const checks = `import type { Schema } from "./validate.js";\n\nexport const schema: Schema = ${JSON.stringify(bare(schema))};\n`;
  return {
    "bundle/manifest.ts": formatted(types),
    "bundle/schema.ts": formatted(`${note}\n${checks}`),
  };
}

function formatted(source) {
  const biome = createRequire(import.meta.url).resolve("@biomejs/biome/bin/biome");
  const options = ["format", "--stdin-file-path=manifest.ts"];
  return execFileSync(process.execPath, [biome, ...options], { input: source, encoding: "utf8" });
}

/** The schema without the words a page need not carry. */
function bare(value) {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) =>
      !["$schema", "$id"].includes(key) &&
      !(["description", "title"].includes(key) && typeof inner === "string"),
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, bare(inner)]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(await manifestSources())) {
    await writeFile(new URL(`../src/${path}`, import.meta.url), text);
  }
}
