import { command } from "../../../setup/graph/command.mjs";
import { inRoot, inVenv } from "../../../setup/paths.mjs";
import { section } from "./document.mjs";

/** A section for each wheel of others. @param {readonly string[]} wheels names of files */
export async function wheelSections(wheels) {
  const names = wheels.map((file) => file.split("-", 1)[0] ?? "");
  const script = inRoot("web/build/notices/installed.py");
  /** @type {import("./document.mjs").Component[]} */
  const components = JSON.parse(await command(inVenv("python"), [script, ...names]));
  return components.map(section);
}
