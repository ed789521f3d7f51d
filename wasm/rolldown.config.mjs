// One file for each entry: a browser asks for what a file imports only once it has read it, and begins to fetch the
// engine after the last.
import { fileURLToPath } from "node:url";

const source = (name) => fileURLToPath(new URL(`js/${name}`, import.meta.url));

const common = {
  platform: "neutral",
  transform: { target: "es2022" },
  output: { dir: fileURLToPath(new URL("dist", import.meta.url)), entryFileNames: "[name].js" },
};

/** What the main entry exports is there once: an error thrown on either side is of the same class. */
const shared = [source("errors.ts"), source("load.ts")];

const fromIndex = {
  name: "from-index",
  async resolveId(id, importer, options) {
    const found = await this.resolve(id, importer, { ...options, skipSelf: true });
    return shared.includes(found?.id) ? { id: "../index.js", external: true } : found;
  },
};

export default [
  { ...common, input: { index: source("index.ts") } },
  ...["worker/index", "worker/entry"].map((name) => ({
    ...common,
    input: { [name]: source(`${name}.ts`) },
    plugins: [fromIndex],
  })),
];
