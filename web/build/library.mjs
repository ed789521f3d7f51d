/**
 * Builds the library into web/dist: `npm run build -w web`.
 *
 * Pages are modules that may share chunks. The worker and the worklet are files of their own, whole, because a bundler
 * of a site copies them as they are. Requires wasm/dist; ships dist/bundles/silero-vad where it has been made.
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { declareTypes } from "./declarations.mjs";
import { pages, parts, styles } from "./entries.mjs";
import { importableOnServer } from "./importable-on-server.mjs";
import { fileName, sectionsOf, thirdPartyList } from "./notices/document.mjs";
import { packageNotices } from "./notices/packages.mjs";

const root = new URL("../", import.meta.url);
/** Made here and then put in place, so that whoever uses dist meanwhile never finds half of it. */
const made = new URL(".build/library/", root);
const bundle = new URL("../dist/bundles/silero-vad/", root);

/** Package and file of a font that a style sheet names. */
const fontAddress = /(@fontsource\/[\w-]+)\/files\/([\w-]+\.woff2)/g;

/** Below this Vite's default would turn a file into a `data:` URL, which a strict policy stops. */
const LEAST_BYTES = 4096;

const licence = await readFile(new URL("../LICENSE-MIT", root), "utf8");
const { size: engineBytes } = await stat(new URL("../wasm/dist/tract_wasm.wasm", root));
const manifest = await readFile(new URL("manifest.json", bundle), "utf8").catch(() => undefined);
const ofOthers = packageNotices();

await rm(made, { recursive: true, force: true });
await build({
  ...common(),
  input: Object.fromEntries(pages.map((name) => [name, path(`src/${name}.ts`)])),
  plugins: [importableOnServer(), allChunksAtOnce(), ofOthers.plugin],
});
for (const { name, source, minify } of parts) {
  await build({
    ...common(),
    input: { [name]: path(`src/${source}`) },
    plugins: [ofOthers.plugin],
    output: {
      ...common().output,
      minify,
      codeSplitting: false,
      banner: `/*!\n${licence}*/`,
      // Annotations tell a site's bundler which imports to leave alone.
      comments: { annotation: true, legal: !minify, jsdoc: !minify },
    },
  });
  const { size } = await stat(new URL(`${name}.js`, made));
  if (size < LEAST_BYTES) throw new Error(`${name}.js is so small that bundlers would inline it.`);
}
await copyFile(new URL("../wasm/dist/tract_wasm.wasm", root), new URL("tract_wasm.wasm", made));
if (manifest !== undefined) await shipBundle(JSON.parse(manifest));
for (const folders of styles) await copyStyles(folders);
await writeNotices();
await declareTypes(fileURLToPath(new URL("types", made)));
await putInPlace();

async function putInPlace() {
  const dist = fileURLToPath(new URL("dist", root));
  const old = fileURLToPath(new URL(".build/library-old", root));
  await rm(old, { recursive: true, force: true });
  if (existsSync(dist)) await rename(dist, old);
  await rename(fileURLToPath(new URL(".build/library", root)), dist);
  await rm(old, { recursive: true, force: true });
}

/** Model, manifest and licence: what finding speech takes. The rest is for the inspector, and large. */
async function shipBundle({ pulses, files }) {
  const to = new URL("bundles/silero-vad/", made);
  await mkdir(to, { recursive: true });
  const terms = files.map(({ path }) => path).filter((path) => path === "LICENSE");
  for (const file of ["manifest.json", pulses[0].file, ...terms]) {
    await copyFile(new URL(file, bundle), new URL(file, to));
  }
}

/** The engine's parts are those of the package it comes from. */
async function writeNotices() {
  const engine = await readFile(new URL(`../wasm/dist/${fileName}`, root), "utf8");
  const sections = [...sectionsOf(engine), ...(await ofOthers.sections())];
  await writeFile(new URL(fileName, made), thirdPartyList("nnef-pulse", sections));
}

async function copyStyles(folders) {
  const [from, to] = [new URL(`src/${folders.from}/`, root), new URL(`${folders.to}/`, made)];
  await mkdir(to, { recursive: true });
  for (const file of await readdir(from)) {
    if (!file.endsWith(".css")) continue;
    const text = await readFile(new URL(file, from), "utf8");
    for (const [, name, font] of text.matchAll(fontAddress)) await copyFont(name, font, to);
    await writeFile(new URL(file, to), text.replace(fontAddress, "./fonts/$2"));
  }
}

/** Beside the style sheets: whoever installs the package has no other package of fonts. */
async function copyFont(name, font, to) {
  await mkdir(new URL("fonts/", to), { recursive: true });
  const file = new URL(`../node_modules/${name}/files/${font}`, root);
  await copyFile(file, new URL(`fonts/${font}`, to));
  ofOthers.add(name);
}

/** Entries name the chunks of their chunks too, so that a browser asks for all of them as soon as it has read the entry. */
function allChunksAtOnce() {
  return {
    name: "all-chunks-at-once",
    renderChunk(code, { isEntry, imports }, _, { chunks }) {
      if (!isEntry) return null;
      const reached = new Set(imports);
      for (const file of reached) for (const next of chunks[file]?.imports ?? []) reached.add(next);
      const more = [...reached].slice(imports.length).map((file) => `import "./${file}";\n`);
      return more.length > 0 ? { code: more.join("") + code, map: null } : null;
    },
  };
}

function common() {
  return {
    cwd: path(""),
    external: ["react"],
    platform: "browser",
    transform: {
      // What every browser with AudioWorklet, module workers and WebAssembly SIMD understands.
      target: "es2022",
      define: {
        SHIPPED_MANIFEST: manifest ? JSON.stringify(JSON.parse(manifest)) : "undefined",
        ENGINE_BYTES: String(engineBytes),
        // @lezer/lr asks it for a log; bundlers would bring a stand-in for all of `process`.
        "process.env": "undefined",
      },
    },
    // The elements carry their style sheets; pages link to the same files as they are.
    moduleTypes: { ".css": "text" },
    output: {
      dir: path(".build/library"),
      format: "esm",
      entryFileNames: "[name].js",
      // Beside the entries: files are found relative to the chunk that asks for them.
      chunkFileNames: "[name]-[hash].js",
      minify: true,
      sourcemap: false,
    },
  };
}

function path(relative) {
  return fileURLToPath(new URL(relative, root));
}
