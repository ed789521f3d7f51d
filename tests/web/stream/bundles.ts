import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const root = new URL("../../../", import.meta.url);

/** The package's built files: engine, worker, worklet. */
export const assets = new URL("web/dist/", root);
export const bundles = new URL("dist/bundles/", root);
export const isBuilt = existsSync(fileURLToPath(new URL("entry.js", assets)));

/** Bundles that are there and have a pulsed form. */
export async function pulsedBundles(): Promise<string[]> {
  const index = JSON.parse(
    await readFile(new URL("index.json", bundles), "utf8").catch(() => "[]"),
  );
  const found: string[] = [];
  for (const { id } of index as { id: string }[]) {
    const text = await readFile(new URL(`${id}/manifest.json`, bundles), "utf8").catch(() => "{}");
    if ((JSON.parse(text).pulses ?? []).length > 0) found.push(id);
  }
  return found;
}
