import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new folder that is gone when the test is. */
export async function emptyFolder() {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "nnef-pulse-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
