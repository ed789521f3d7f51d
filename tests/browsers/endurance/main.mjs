// npm run endurance: an hour of sound as a file and ten minutes in real time, in every browser there is.
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { attempt } from "../../../setup/graph/command.mjs";
import { sayMissing } from "../../../setup/other-browsers.mjs";
import { inRoot, root } from "../../../setup/paths.mjs";
import { runCommand, setUp } from "../../../setup/set-up.mjs";

const folder = inRoot(".build", "endurance");

/** Real time asks little of a machine: its browsers run side by side, a file's one after the other. */
const parts = [
  ["file.spec.ts", "--workers=1"],
  ["live.spec.ts", "--workers=3"],
];

await runCommand(async () => {
  await setUp(["site", "browser", "other-browsers"]);
  const config = "tests/browsers/endurance/endurance.config.ts";
  const options = process.argv.slice(2);
  const began = Date.now();
  const codes = [];
  for (const part of parts) {
    const args = ["playwright", "test", "-c", config, ...part, ...options];
    const { code } = await attempt("npx", args, { log: process.stdout });
    codes.push(code);
  }
  console.log(`\nMeasured (in ${relative(root, folder)}):`);
  for (const figures of await newerThan(began)) console.log(`  ${sentence(figures)}`);
  sayMissing();
  return codes.every((code) => code === 0) ? 0 : 1;
});

/** @typedef {import("./figures.js").Figures} Figures */

/** @param {number} moment @returns {Promise<Figures[]>} */
async function newerThan(moment) {
  const all = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  const found = [];
  for (const name of all) {
    const path = join(folder, name);
    if ((await stat(path)).mtimeMs >= moment) found.push(JSON.parse(await readFile(path, "utf8")));
  }
  return found;
}

/** @param {Figures} figures */
function sentence({
  browser,
  what,
  seconds,
  soundSeconds,
  frames,
  error,
  dropped,
  faster,
  memory,
  processBytes,
}) {
  const { engineBytes, heapBefore, heapAfter } = memory;
  return [
    `${browser}, ${seconds} s ${faster === null ? "in real time" : `at ${faster.toFixed(0)} ×`} (${what})`,
    ...(soundSeconds === null ? [] : [`${soundSeconds.toFixed(1)} s by the sound device's clock`]),
    `${frames} probabilities, at most ${error.toExponential(1)} off`,
    `${dropped} dropped`,
    `engine ${span(engineBytes)}`,
    heapBefore === null || heapAfter === null
      ? "heap not told"
      : `heap ${span([heapBefore, heapAfter])}`,
    ...(processBytes.length > 0 ? [`all its processes ${span(processBytes)}`] : []),
  ].join("; ");
}

/** From the first to the last. @param {readonly number[]} bytes */
function span(bytes) {
  const megabytes = (/** @type {number | undefined} */ size = Number.NaN) =>
    (size / 1e6).toFixed(1);
  return `${megabytes(bytes[0])} → ${megabytes(bytes.at(-1))} MB`;
}
