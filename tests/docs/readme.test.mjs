import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildDir, inRoot, inVenv } from "../../setup/paths.mjs";
import { promised, snippetsOf } from "./snippets.mjs";

const run = promisify(execFile);
const minutes = 60_000;

const snippets = snippetsOf("README.md");

/** Inside the repository, where `import "tract-wasm"` resolves as the README says. @type {string} */
let folder;

beforeAll(async () => {
  folder = await mkdtemp(join(buildDir, "readme-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the README has the snippets this file runs, and no other is marked", () => {
  expect(Object.keys(snippets).sort()).toEqual([
    "run: bundle",
    "run: engine",
    "run: native",
    "run: own-bundle",
    "run: segments",
    "run: site",
    "run: stream",
  ]);
});

test.each(["segments", "engine", "stream"])(
  "the JavaScript of %s prints what it says",
  async (name) => {
    const code = snippets[`run: ${name}`] ?? "";
    const file = join(folder, `${name}.mjs`);
    await writeFile(file, code);
    const { stdout } = await run(process.execPath, [file], { cwd: inRoot() });
    const expected = promised(code);
    expect(expected.length).toBeGreaterThan(0);
    expect(stdout.trim().split("\n")).toEqual(expected);
  },
);

/** @param {string} name each line a command */
async function shell(name) {
  const env = {
    ...process.env,
    PATH: [dirname(inVenv("python")), process.env.PATH].join(delimiter),
  };
  for (const line of (snippets[`run: ${name}`] ?? "").trim().split("\n")) {
    await run("sh", ["-c", line], { cwd: folder, env });
  }
}

test("the commands make a bundle, and a site of it", { timeout: 5 * minutes }, async () => {
  await shell("bundle");
  expect(existsSync(join(folder, "bundles/silero-vad/manifest.json"))).toBe(true);
  await shell("site");
  expect(existsSync(join(folder, "public/bundles/silero-vad/manifest.json"))).toBe(true);
});

test("a model of one's own becomes a bundle", { timeout: 5 * minutes }, async () => {
  const code = snippets["run: own-bundle"] ?? "";
  const { stdout } = await run(inVenv("python"), ["-c", code], { cwd: folder });
  expect(stdout.trim().split("\n").slice(-1)).toEqual(promised(code));
  expect(existsSync(join(folder, "bundles/smooth/manifest.json"))).toBe(true);
});

test("a bundle runs natively", { timeout: minutes }, async () => {
  const code = snippets["run: native"] ?? "";
  const { stdout } = await run(inVenv("python"), ["-c", code], { cwd: inRoot() });
  expect(stdout.trim().split("\n")).toEqual(promised(code));
});

test("its links and pictures lead somewhere", () => {
  for (const document of ["README.md", "CONTRIBUTING.md"]) {
    const text = readFileSync(inRoot(document), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = ""]) => path);
    expect(
      links.filter((path) => !existsSync(inRoot(path))),
      document,
    ).toEqual([]);
  }
});

test("its commands are scripts of package.json", () => {
  const { scripts } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  for (const document of ["README.md", "CONTRIBUTING.md"]) {
    const text = readFileSync(inRoot(document), "utf8");
    const named = [...text.matchAll(/npm (?:run (\S+?)|(start|test))(?=[`\s])/g)].map(
      ([, a, b]) => a ?? b,
    );
    expect(named.length).toBeGreaterThan(0);
    expect(
      named.filter((name) => !(name && name in scripts)),
      document,
    ).toEqual([]);
  }
});
