const compiler = ["tsconfig.base.json", "package-lock.json"];
const facadeSources = ["wasm/js", "wasm/tsconfig.json", ...compiler];

/**
 * The types of both packages, which need neither the engine nor a bundle.
 * @returns {import("../graph/graph.mjs").Step}
 */
export const declarations = () => ({
  name: "declarations",
  title: "Declaring the types of the packages",
  needs: ["node-packages"],
  inputs: ["web/src", "web/build", "web/tsconfig.json", ...facadeSources],
  outputs: ["wasm/dist/index.d.ts", "web/dist/types"],
  run: async ({ command }) => {
    await command("npx", ["tsc", "-p", "wasm/tsconfig.json", "--emitDeclarationOnly"]);
    await command("node", ["web/build/declarations.mjs"]);
  },
});

/**
 * The compiled TypeScript around the engine: npm package `tract-wasm`.
 * @returns {import("../graph/graph.mjs").Step}
 */
export const facade = () => ({
  name: "facade",
  title: "Compiling the engine's TypeScript",
  needs: ["declarations", "engine"],
  inputs: ["wasm/rolldown.config.mjs", "wasm/package.json", ...facadeSources],
  outputs: ["wasm/dist/index.js", "wasm/dist/index.d.ts"],
  run: async ({ command }) => {
    await command("npm", ["run", "build", "-w", "wasm"]);
  },
});

/**
 * The library for pages: npm package `nnef-pulse`, with the engine and the default bundle inside.
 * @returns {import("../graph/graph.mjs").Step}
 */
export const library = () => ({
  name: "library",
  title: "Building the library for pages",
  needs: ["facade", "notices", "bundle-silero-vad"],
  inputs: [
    ...["web/src", "web/build", "web/package.json", "web/tsconfig.json", "LICENSE-MIT"],
    ...["exporter/nnef_pulse/bundle/bundle.schema.json", "wasm/dist", "dist/bundles/silero-vad"],
    ...compiler,
  ],
  outputs: ["web/dist/vad.js"],
  run: async ({ command }) => {
    await command("npm", ["run", "build", "-w", "web"]);
  },
});
