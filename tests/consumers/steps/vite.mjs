import { hearsSample, served, usesEveryEntry } from "../page.mjs";
import { copyModel, writeApps } from "./bundlers.mjs";

/** @typedef {import("../main.mjs").Step} Step */

const config = `export default {
  base: "./",
  build: { rollupOptions: { input: ["index.html", "every-entry.html"] } },
};
`;

/** @param {string} version @param {{ excluded?: boolean }} [options] @returns {Step} */
const vite = (version, { excluded = false } = {}) => {
  const major = version.split(".")[0];
  return {
    name: `vite-${major}`,
    title: `Vite ${major}, development and build`,
    packages: { vite: version },
    scope: "`listen()` on a microphone; elements, inspector, look.css, reading, stream",
    ...(excluded && { needs: '`optimizeDeps: { exclude: ["nnef-pulse"] }`' }),
    async run(project) {
      await writeApps(project);
      await copyModel(project, "public");
      const exclude = '\n  optimizeDeps: { exclude: ["nnef-pulse"] },';
      await project.write({
        "vite.config.js": excluded ? config.replace("{", `{${exclude}`) : config,
        "dev.mjs": `import { createServer } from "vite";
const server = await createServer({ server: { port: 0, host: "127.0.0.1" }, logLevel: "silent" });
await server.listen();
console.log("at " + server.resolvedUrls.local.concat(server.resolvedUrls.network)[0]);`,
      });
      await project.npx("vite", ["build", "--logLevel", "warn"]);
      const built = await served(project.path("dist"), async (url) => [
        await hearsSample(url),
        await usesEveryEntry(`${url}every-entry.html`),
      ]);
      const dev = await project.serving("node", ["dev.mjs"], async (url) => [
        await hearsSample(url),
        await usesEveryEntry(`${url}every-entry.html`),
      ]);
      return `build: ${built.join("; ")}; development: ${dev.join("; ")}`;
    },
  };
};

export const viteSteps = [
  vite("5.4.21", { excluded: true }),
  vite("6.4.6", { excluded: true }),
  vite("7.3.8", { excluded: true }),
  vite("8.3.8"),
];
