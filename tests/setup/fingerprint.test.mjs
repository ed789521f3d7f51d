import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fingerprint } from "../../setup/graph/fingerprint.mjs";
import { emptyFolder } from "./empty-folder.mjs";

/** @param {string} root @param {Record<string, string>} files */
async function write(root, files) {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(root, name, ".."), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

const files = { "src/a.rs": "a", "src/deep/b.rs": "b", lock: "1" };

test("the same names, bytes and facts give the same fingerprint, wherever they lie", async () => {
  const [one, other] = [await emptyFolder(), await emptyFolder()];
  await write(one, files);
  await write(other, files);
  const inputs = ["src", "lock"];
  expect(await fingerprint(one, inputs, ["x"])).toBe(
    await fingerprint(other, [...inputs].reverse(), ["x"]),
  );
});

/** @type {Array<[string, (root: string) => Promise<void>]>} */
const changes = [
  ["a byte", (root) => writeFile(join(root, "src/deep/b.rs"), "c")],
  ["a new file", (root) => writeFile(join(root, "src/c.rs"), "")],
  ["a file gone", (root) => rm(join(root, "src/a.rs"))],
  ["an input gone", (root) => rm(join(root, "lock"))],
  [
    "content moved to another name",
    async (root) => {
      await writeFile(join(root, "src/a.rs"), "b");
      await writeFile(join(root, "src/deep/b.rs"), "a");
    },
  ],
];

test.each(changes)("%s changes it", async (_, change) => {
  const root = await emptyFolder();
  await write(root, files);
  const before = await fingerprint(root, ["src", "lock"]);
  await change(root);
  expect(await fingerprint(root, ["src", "lock"])).not.toBe(before);
});

test("facts change it, and cannot be mistaken for one another", async () => {
  const root = await emptyFolder();
  expect(await fingerprint(root, [], ["ab", "c"])).not.toBe(
    await fingerprint(root, [], ["a", "bc"]),
  );
});

test("what tools leave in a source folder does not change it", async () => {
  const root = await emptyFolder();
  await write(root, files);
  const before = await fingerprint(root, ["src"]);
  await write(root, {
    "src/__pycache__/a.pyc": "x",
    "src/node_modules/x.js": "x",
    "src/target/y": "y",
  });
  expect(await fingerprint(root, ["src"])).toBe(before);
});

test("a folder named as an input is read even if its name is that of a product", async () => {
  const root = await emptyFolder();
  await write(root, { "dist/a": "1" });
  const before = await fingerprint(root, ["dist"]);
  await write(root, { "dist/a": "2" });
  expect(await fingerprint(root, ["dist"])).not.toBe(before);
});
