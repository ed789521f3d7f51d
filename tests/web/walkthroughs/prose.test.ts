import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readProse, typedNumbers } from "../../../demos/kit/build/prose.ts";

const demos = fileURLToPath(new URL("../../../demos/", import.meta.url));
const proses = readdirSync(demos, { recursive: true, encoding: "utf8" }).filter(
  (path) => path.endsWith("prose.html") && !path.includes("node_modules"),
);

test("there is prose to hold to it", () => expect(proses).not.toEqual([]));

for (const path of proses) {
  test(`no number is typed in ${path}`, () => {
    expect(typedNumbers(readProse(join(demos, path)))).toEqual([]);
  });

  test(`${path} reads at least twelve numbers of its bundle`, () => {
    const html = readProse(join(demos, path));
    expect(html.match(/<nnef-number\s/g)?.length).toBeGreaterThanOrEqual(12);
  });
}

test("typed numbers are found: digits, words, in headings and in code, not in tags or comments", () => {
  const html = `<!-- 1 --><p data-a="2">kernel
  of <nnef-number path="windows:0.kernel"></nnef-number> and 5</p>
  <h2>Three ways</h2><code>S=8</code><p>one way</p>`;
  expect(typedNumbers(html).map(({ line }) => line)).toEqual([2, 3]);
});
