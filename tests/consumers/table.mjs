import { readFile, writeFile } from "node:fs/promises";
import { inRoot } from "../../setup/paths.mjs";

/** @typedef {import("./main.mjs").Step} Step */
/** @typedef {import("./main.mjs").Result} Result */

const document = inRoot("web/docs/bundlers.md");
const [begin, end] = ["<!-- made by test:consumers -->", "<!-- end -->"];
const heading =
  "| with | version | tried | needed besides `npm install` | result |\n|---|---|---|---|---|";

/** @param {Result} result */
function rowOf({ step, outcome, text }) {
  const versions = Object.values(step.packages);
  const version = step.name === "node" ? process.versions.node : versions.at(-1);
  const cells = [
    step.title,
    step.packages[step.name.split("-")[0] ?? ""] ?? version,
    step.scope,
    step.needs ?? "nothing",
    outcome === "skipped" ? `not tried: ${text.split("\n")[0]}` : outcome,
  ];
  return `| ${cells.join(" | ")} |`;
}

/**
 * Writes the documents' table.
 *
 * @param {readonly Result[]} results @param {readonly Step[]} all
 */
export async function writeTable(results, all) {
  const missing = all.filter((step) => !results.some((result) => result.step === step));
  if (missing.length > 0) throw new Error("the table needs every step: name none");
  const text = await readFile(document, "utf8");
  const [before, rest = ""] = text.split(begin);
  const after = rest.split(end)[1];
  if (after === undefined) throw new Error(`${document} has no place for the table`);
  const table = [heading, ...results.map(rowOf)].join("\n");
  await writeFile(document, `${before}${begin}\n\n${table}\n\n${end}${after}`);
}
