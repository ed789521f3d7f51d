/**
 * Makes the folder a site's author copies to any host: the frame, the file for a script tag, and what both need.
 * Requires web/dist. Run by `npm run pack`, which zips it.
 */
import { copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { contentSecurityPolicy } from "../../setup/policy.mjs";
import { fileName, sectionsOf, thirdPartyList } from "./notices/document.mjs";
import { packageNotices } from "./notices/packages.mjs";

const root = new URL("../", import.meta.url);
const dist = new URL("dist/", root);
const embed = new URL("site/embed/", root);

/** Of web/dist: what finding speech takes. */
const files = ["nnef-pulse.js", "engine.worker.js", "capture.worklet.js", "tract_wasm.wasm"];

/** @param {URL} to the folder, which is made anew; its address ends in a slash */
export async function makeFolder(to) {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  for (const file of files) await copyFile(new URL(file, dist), new URL(file, to));
  await cp(new URL("bundles/", dist), new URL("bundles/", to), { recursive: true });
  for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    await copyFile(new URL(`../${licence}`, root), new URL(licence, to));
  }
  await copyFile(new URL("docs/hosting.md", root), new URL("README.md", to));
  const { plugin, sections } = packageNotices();
  await frame(to, plugin);
  const library = sectionsOf(await readFile(new URL(fileName, dist), "utf8"));
  const list = thirdPartyList("nnef-vad", [...library, ...(await sections())]);
  await writeFile(new URL(fileName, to), list);
}

/**
 * The frame's page, on top of the file for a script tag, so that the engine is there once.
 *
 * @param {URL} to @param {import("vite").Plugin} plugin
 */
async function frame(to, plugin) {
  await build({
    configFile: false,
    root: fileURLToPath(embed),
    base: "./",
    plugins: [plugin],
    logLevel: "warn",
    build: {
      outDir: fileURLToPath(to),
      emptyOutDir: false,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: fileURLToPath(new URL("vad.html", embed)),
        external: ["nnef-pulse/elements"],
        output: {
          paths: { "nnef-pulse/elements": "./nnef-pulse.js" },
          entryFileNames: "vad.js",
          assetFileNames: "[name][extname]",
        },
      },
    },
  });
  const page = new URL("vad.html", to);
  const head = [
    '<meta charset="utf-8" />',
    `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}" />`,
    '<meta name="viewport" content="width=device-width, initial-scale=1" />',
    '<meta name="color-scheme" content="light dark" />',
  ];
  const html = await readFile(page, "utf8");
  const home = /<a href="\.\.\/"[^>]*>nnef-pulse<\/a>/;
  await writeFile(
    page,
    html.replace("<head>", ["<head>", ...head].join("\n    ")).replace(home, ""),
  );
}
