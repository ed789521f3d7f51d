import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { command } from "../graph/command.mjs";
import { sha256 } from "../graph/fingerprint.mjs";
import { inRoot, root } from "../paths.mjs";
import { runCommand, setUp } from "../set-up.mjs";

const out = inRoot("dist-pack");

await runCommand(async () => {
  await setUp(["site"]);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const workspaces = ["--workspace=wasm", "--workspace=web"];
  await command("npm", ["pack", "--silent", "--pack-destination", out, ...workspaces]);
  await copyWheel();
  await copyFile(inRoot("dist", "nnef-vad.zip"), join(out, "nnef-vad.zip"));
  await writeChecksums();
  console.log(`Packed into ${relative(root, out)}: ${(await readdir(out)).join(", ")}`);
  return 0;
});

/** The site carries the exporter's wheel for Python in the page: it is the one anybody installs. */
async function copyWheel() {
  const from = inRoot("dist", "python");
  const wheel = (await readdir(from)).find((name) => /^nnef_pulse-.*\.whl$/.test(name));
  if (wheel === undefined) throw new Error(`${from} has no wheel of the exporter: build the site.`);
  await copyFile(join(from, wheel), join(out, wheel));
}

/** In the form `sha256sum --check` reads. */
async function writeChecksums() {
  let lines = "";
  for (const name of (await readdir(out)).sort()) {
    lines += `${sha256(await readFile(join(out, name)))}  ${name}\n`;
  }
  await writeFile(join(out, "SHA256SUMS"), lines);
}
