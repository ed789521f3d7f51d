import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { command } from "../graph/command.mjs";
import { zip } from "../pack/zip.mjs";
import { buildDir, inRoot, root } from "../paths.mjs";
import { runCommand, setUp } from "../set-up.mjs";

const out = inRoot("dist-pack");

await runCommand(async () => {
  await setUp(["site"]);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  for (const workspace of ["wasm", "web"]) await packWorkspace(workspace);
  await copyWheel();
  await packFolder();
  await writeChecksums();
  console.log(`Packed into ${relative(root, out)}: ${(await readdir(out)).join(", ")}`);
  return 0;
});

/** A tarball for npm, of what the workspace's package.json names. @param {string} workspace */
async function packWorkspace(workspace) {
  const options = ["--silent", "--pack-destination", out];
  await command("npm", ["pack", ...options], { cwd: inRoot(workspace) });
}

/** The site carries the exporter's wheel for Python in the page: it is the one anybody installs. */
async function copyWheel() {
  const from = inRoot("dist", "python");
  const wheel = (await readdir(from)).find((name) => /^nnef_pulse-.*\.whl$/.test(name));
  if (wheel === undefined) throw new Error(`${from} has no wheel of the exporter: build the site.`);
  await copyFile(join(from, wheel), join(out, wheel));
}

async function packFolder() {
  const { makeFolder } = await import("../../web/build/folder.mjs");
  const folder = join(buildDir, "nnef-vad");
  await makeFolder(new URL(`${pathToFileURL(folder).href}/`));
  const paths = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const files = await Promise.all(
    paths.map(async (path) => ({
      path: `nnef-vad/${relative(folder, path).split(sep).join("/")}`,
      bytes: await readFile(path),
    })),
  );
  await writeFile(join(out, "nnef-vad.zip"), zip(files));
}

/** In the form `sha256sum --check` reads. */
async function writeChecksums() {
  let lines = "";
  for (const name of (await readdir(out)).sort()) {
    const digest = createHash("sha256")
      .update(await readFile(join(out, name)))
      .digest("hex");
    lines += `${digest}  ${name}\n`;
  }
  await writeFile(join(out, "SHA256SUMS"), lines);
}
