import { readFile } from "node:fs/promises";
import { shownIn } from "../project.mjs";

/** @typedef {import("../main.mjs").Step} Step */
/** @typedef {import("../project.mjs").Project} Project */

/** Entries of an installed package that are modules. @param {Project} project @param {string} name */
async function entriesOf(project, name) {
  const text = await readFile(project.path("node_modules", name, "package.json"), "utf8");
  /** @type {Record<string, string | Record<string, string>>} */
  const exported = JSON.parse(text).exports;
  return Object.entries(exported)
    .filter(([, target]) => typeof target === "object")
    .map(([entry]) => name + entry.slice(1));
}

/** Imports each entry, and says how many there are. @param {readonly string[]} entries */
const importAll = (entries) => `
for (const entry of ${JSON.stringify(entries)}) {
  const found = await import(entry);
  if (Object.keys(found).length === 0) throw new Error(entry + " exports nothing");
}
console.log("imported");`;

/** @param {Project} project */
export async function allEntries(project) {
  const entries = [
    ...(await entriesOf(project, "nnef-pulse")),
    ...(await entriesOf(project, "tract-wasm")),
  ];
  // Starts a worker's loop when it is imported.
  return entries.filter((entry) => !entry.endsWith("/entry.js"));
}

/**
 * A runtime that imports modules from node_modules.
 *
 * @param {Pick<Step, "name" | "title" | "packages"> & { program: string, args: readonly string[], npx?: boolean }} runtime
 * @returns {Step}
 */
const onServer = ({ program, args, npx = false, ...step }) => ({
  ...step,
  scope: "import of every entry; `openStream` on the shipped model",
  async run(project) {
    const entries = await allEntries(project);
    await project.write({
      "import.mjs": importAll(entries),
      "stream.mjs": `
import { openStream } from "nnef-pulse/stream";
const stream = await openStream("node_modules/nnef-pulse/dist/bundles/silero-vad");
await stream.push({ input: new Float32Array(512) });
await stream.flush();
for await (const { data } of stream.results()) console.log("probability", data[0] < 0.5);
await stream.close();`,
    });
    const start = (/** @type {string} */ file) =>
      npx ? project.npx(program, [...args, file]) : project.run(program, [...args, file]);
    const imported = await start("import.mjs");
    if (!imported.includes("imported")) throw new Error(imported);
    const streamed = await start("stream.mjs");
    if (!streamed.includes("probability true")) throw new Error(streamed);
    return `${entries.length} entries imported, one pulse computed`;
  },
});

const react = { react: "19.3.1" };

/** @type {readonly Step[]} */
export const nodeSteps = [
  onServer({ name: "node", title: "Node", packages: react, program: "node", args: [] }),
  onServer({
    name: "bun",
    title: "Bun",
    packages: { ...react, bun: "1.4.5" },
    program: "bun",
    args: ["run"],
    npx: true,
  }),
  onServer({
    name: "deno",
    title: "Deno",
    packages: { ...react, deno: "2.9.6" },
    program: "deno",
    args: ["run", "--allow-all"],
    npx: true,
  }),
  {
    name: "vue",
    title: "Vue 3, a stream kept in `ref`",
    packages: { vue: "3.5.45" },
    scope: "`openStream` through a reactive proxy",
    async run(project) {
      await project.write({
        "ref.mjs": `import { ref } from "vue";
import { openStream } from "nnef-pulse/stream";
const stream = ref(await openStream("node_modules/nnef-pulse/dist/bundles/silero-vad"));
await stream.value.push({ input: new Float32Array(512) });
await stream.value.flush();
for await (const { name } of stream.value.results()) console.log(name);
stream.value.close();`,
      });
      const printed = await project.run("node", ["ref.mjs"]);
      if (printed !== "probability\n") throw new Error(printed);
      return "one pulse computed";
    },
  },
  {
    name: "jest",
    title: "Jest with jsdom",
    packages: { ...react, jest: "30.5.2", "jest-environment-jsdom": "30.5.2" },
    scope: "import of every entry",
    needs: "`TextDecoder` and `TextEncoder`, which this environment lacks, from `node:util`",
    async run(project) {
      const entries = await allEntries(project);
      await project.write({
        ...(await shownIn("web/docs/bundlers.md")),
        "entries.test.js": `test.each(${JSON.stringify(entries)})("%s", async (entry) => {
  expect(Object.keys(await import(entry)).length).toBeGreaterThan(0);
});`,
      });
      await project.npx("jest", ["--env=jsdom"], { NODE_OPTIONS: "--experimental-vm-modules" });
      return `${entries.length} entries imported`;
    },
  },
  {
    name: "vitest",
    title: "Vitest with jsdom",
    packages: { ...react, vitest: "4.1.12", jsdom: "27.3.0" },
    scope: "import of every entry",
    async run(project) {
      const entries = await allEntries(project);
      await project.write({
        "entries.test.js": `import { expect, test } from "vitest";
${entries.map((entry) => `test("${entry}", async () => expect(Object.keys(await import("${entry}")).length).toBeGreaterThan(0));`).join("\n")}`,
      });
      await project.npx("vitest", ["run", "--environment=jsdom"]);
      return `${entries.length} entries imported`;
    },
  },
];
