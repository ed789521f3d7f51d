import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { inRoot, inVenv } from "../../../setup/paths.mjs";
import { expect, siteTest as test } from "../shared/page.js";
import { drawn } from "./page.js";

/** Starts `nnef-pulse view` and gives the address it prints. */
async function view(bundle: string): Promise<{ address: string; server: ChildProcess }> {
  const server = spawn(inVenv("nnef-pulse"), ["view", bundle], { cwd: inRoot() });
  const [line] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
  const address = line.split(" ")[0];
  if (!address) throw new Error(`no address in ${line}`);
  return { address, server };
}

test("`nnef-pulse view` shows a bundle in the inspector, and shows it anew when it changes", async ({
  page,
}) => {
  const folder = await mkdtemp(join(tmpdir(), "view-"));
  const bundle = join(folder, "silero-vad");
  await cp(inRoot("dist", "bundles", "silero-vad"), bundle, { recursive: true });
  const { address, server } = await view(bundle);
  const violations: string[] = [];
  page.on("console", (message) => {
    if (/Content.Security.Policy/i.test(message.text())) violations.push(message.text());
  });
  try {
    await page.goto(address);
    await drawn(page, /^Silero VAD, 16 kHz/);
    const path = join(bundle, "manifest.json");
    const manifest = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify({ ...manifest, title: "Silero VAD, changed" }));
    await drawn(page, /^Silero VAD, changed/);
    expect(violations).toEqual([]);
  } finally {
    server.kill("SIGINT");
    await rm(folder, { recursive: true, force: true });
  }
});
