import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "vite";
import { makeFolder } from "../../build/folder.mjs";
import { zip } from "./zip.mjs";

/** The archive of the folder for any host, at the site's root. */
export const vadFolderFile = "nnef-vad.zip";

/** Puts `nnef-vad.zip` into the site, and its size where a page says `<!-- nnef-vad.zip size -->`. */
export function vadFolder(): Plugin {
  let archive: Buffer | undefined;
  return {
    name: "vad-folder",
    apply: "build",
    async buildStart() {
      archive = await makeArchive();
    },
    transformIndexHtml: (html) =>
      html.replace(`<!-- ${vadFolderFile} size -->`, () => megabytes(archive?.length ?? 0)),
    generateBundle() {
      if (archive) this.emitFile({ type: "asset", fileName: vadFolderFile, source: archive });
    },
  };
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

async function makeArchive(): Promise<Buffer> {
  const home = await mkdtemp(join(tmpdir(), "nnef-vad-"));
  try {
    const folder = join(home, "nnef-vad");
    await makeFolder(new URL(`${pathToFileURL(folder).href}/`));
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
    const files = paths.sort().map(async (path) => ({
      path: relative(home, path).split(sep).join("/"),
      bytes: await readFile(path),
    }));
    return zip(await Promise.all(files));
  } finally {
    await rm(home, { recursive: true });
  }
}
