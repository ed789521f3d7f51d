import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { siteDir } from "../../setup/paths.mjs";
import {
  fileName,
  section,
  sectionsOf,
  standardText,
  thirdPartyList,
} from "../../web/build/notices/document.mjs";
import { packageOf } from "../../web/build/notices/packages.mjs";
import { textsIn } from "../../web/build/notices/texts.mjs";
import { emptyFolder } from "./empty-folder.mjs";

const some = { name: "some", version: "1.0.0", licence: "MIT", texts: ["Copyright somebody"] };

test("a list says each component once, in one order, and can be read again", () => {
  const other = section({ ...some, name: "Other", texts: ["\uFEFF\r\nCopyright other \r\n\r\n"] });
  const list = thirdPartyList("It", [section(some), other, section(some)]);
  expect(list).toContain("\n  Other 1.0.0\n  some 1.0.0\n");
  expect(sectionsOf(list)).toHaveLength(2);
  expect(thirdPartyList("It", sectionsOf(list))).toBe(list);
  expect(list).not.toMatch(/\r|\uFEFF|[ \t]\n/);
});

test.each([
  [
    "no licence",
    { licence: "none" },
    /some 1\.0\.0 is shipped under "none", .*web\/build\/notices\/licences/,
  ],
  ["a licence not accepted", { licence: "GPL-3.0-only" }, /"GPL-3\.0-only"/],
  ["one of tools", { licence: "GPL-3.0-or-later" }, /"GPL-3\.0-or-later"/],
  ["no text", { texts: [] }, /some 1\.0\.0 .* no text/],
  ["a text that would end its part", { texts: [`a\n${"=".repeat(80)}\n\nb`] }, /line between/],
])("what has %s is not shipped", (_what, change, reason) => {
  expect(() => section({ ...some, ...change })).toThrow(reason);
});

test("a standard text names who holds it", () => {
  for (const id of ["MIT", "BSD-2-Clause", "0BSD", "Zlib", "Python-2.0.1"]) {
    expect(standardText(id, "Somebody & Co")).toMatch(/Copyright .*Somebody & Co/);
  }
});

test("of a choice of files MIT's is taken, of terms that hold together all", async () => {
  const folder = await emptyFolder();
  const names = ["LICENSE-APACHE", "LICENSE-MIT", "NOTICE", "UNLICENSE", "readme.md"];
  for (const name of names) await writeFile(join(folder, name), name);
  expect(await textsIn(folder, "MIT OR Apache-2.0")).toEqual(["LICENSE-MIT", "NOTICE"]);
  expect(await textsIn(folder, "MIT AND Apache-2.0")).toEqual(names.slice(0, 4));
  await rm(join(folder, "LICENSE-MIT"));
  expect(await textsIn(folder, "Apache-2.0 OR Zlib")).toEqual([
    "LICENSE-APACHE",
    "NOTICE",
    "UNLICENSE",
  ]);
});

test.each([
  ["/somewhere/node_modules/lit/index.js", "lit"],
  ["../../node_modules/@lezer/lr/dist/index.js", "@lezer/lr"],
  ["C:\\here\\node_modules\\a\\node_modules\\b\\c.js?url", "b"],
  ["\0vite/preload-helper.js", "vite"],
  ["/somewhere/web/src/vad.ts", undefined],
  ["\0something", undefined],
])("%j is of the package %s", (id, name) => {
  expect(packageOf(id)).toBe(name);
});

test("the site names its fonts and all of its Python", async () => {
  const list = await readFile(join(siteDir, fileName), "utf8");
  const names = sectionsOf(list).map((each) => each.split("\n", 1)[0] ?? "");
  const fonts = (await readdir(join(siteDir, "assets"))).filter((name) => name.endsWith(".woff2"));
  expect(fonts.length).toBeGreaterThan(0);
  for (const font of fonts) {
    const family = /^(.*?)-latin/.exec(font)?.[1];
    expect(names).toContainEqual(expect.stringMatching(new RegExp(`^@fontsource/${family} \\d`)));
  }
  const wheels = (await readdir(join(siteDir, "python"))).filter((name) => name.endsWith(".whl"));
  for (const wheel of wheels.filter((name) => !name.startsWith("nnef_"))) {
    expect(names).toContain(wheel.split("-", 2).join(" "));
  }
  for (const part of ["Pyodide", "CPython"]) {
    expect(names).toContainEqual(expect.stringMatching(new RegExp(`^${part} \\d`)));
  }
  // Nothing of who built it.
  expect(list).not.toMatch(/file:\/\/|\/\.cargo\/|\/node_modules\//);
});
