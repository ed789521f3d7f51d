import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { command } from "../graph/command.mjs";
import { sha256 } from "../graph/fingerprint.mjs";
import { inRoot, inVenv, root, viewerDir } from "../paths.mjs";
import { runCommand, setUp } from "../set-up.mjs";

const out = inRoot("dist-pack");

await runCommand(async () => {
  await setUp(["site", "viewer"]);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const workspaces = ["--workspace=wasm", "--workspace=web"];
  await command("npm", ["pack", "--silent", "--pack-destination", out, ...workspaces]);
  await packWheel();
  await copyFile(inRoot("dist", "nnef-vad.zip"), join(out, "nnef-vad.zip"));
  await writeChecksums();
  console.log(`Packed into ${relative(root, out)}: ${(await readdir(out)).join(", ")}`);
  return 0;
});

/** With the pages of `nnef-pulse site` and `view`; the wheel in the site itself is without. */
async function packWheel() {
  await command(inVenv("python"), [inRoot("web/site/build/wheels.py"), out, viewerDir]);
}

/** In the form `sha256sum --check` reads. */
async function writeChecksums() {
  let lines = "";
  for (const name of (await readdir(out)).sort()) {
    lines += `${sha256(await readFile(join(out, name)))}  ${name}\n`;
  }
  await writeFile(join(out, "SHA256SUMS"), lines);
}
