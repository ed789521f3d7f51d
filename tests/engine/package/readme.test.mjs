import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildDir, inRoot } from "../../../setup/paths.mjs";
import { reference } from "../../../wasm/docs/make-api.mjs";
import { snippetsOf } from "../../docs/snippets.mjs";

const run = promisify(execFile);
const pages = ["wasm/README.md", "wasm/docs/trace.md"];
const snippets = Object.assign({}, ...pages.map(snippetsOf));

/** @type {string} */
let folder;
beforeAll(async () => {
  await mkdir(buildDir, { recursive: true });
  folder = await mkdtemp(join(buildDir, "engine-readme-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the pages have the snippets they should", () => {
  const names = ["errors", "stream", "trace", "whole", "worker"];
  expect(Object.keys(snippets).sort()).toEqual(names.map((name) => `run: ${name}`));
});

test.each(Object.entries(snippets))("%s prints what it says", async (mark, code) => {
  const file = join(folder, `${mark.slice("run: ".length)}.mjs`);
  await writeFile(file, code);
  const { stdout } = await run(process.execPath, [file], { cwd: inRoot() });
  const promised = [...code.matchAll(/console\.log\(.*\n\s*\/\/ (.*)$/gm)].map(([, line]) => line);
  expect(promised.length).toBeGreaterThan(0);
  expect(stdout.trim().split("\n")).toEqual(promised);
});

test("the API reference is what the doc comments say", () => {
  expect(readFileSync(inRoot("wasm", "docs", "api.md"), "utf8")).toBe(reference);
});

test("all that states the version states the same", () => {
  const { version } = JSON.parse(readFileSync(inRoot("wasm", "package.json"), "utf8"));
  expect(readFileSync(inRoot("wasm", "Cargo.toml"), "utf8")).toContain(`version = "${version}"`);
  expect(readFileSync(inRoot("wasm", "js", "version.ts"), "utf8")).toContain(`"${version}"`);
});
