import { readFile, writeFile } from "node:fs/promises";
import { inRoot, programIn } from "../paths.mjs";
import { requirePython } from "./python.mjs";

const folder = ".build/ruff";

/** Python's linter in an environment of its own: the exporter's is gigabytes. */
export const ruff = programIn(inRoot(folder), "ruff");

/** @returns {import("../graph/graph.mjs").Step} */
export const ruffEnvironment = () => ({
  name: "ruff",
  title: "Installing ruff",
  inputs: ["requirements.lock"],
  facts: async () => [(await requirePython()).version],
  outputs: [folder],
  run: async ({ command }) => {
    const { program, args } = await requirePython();
    await command(program, [...args, "-m", "venv", "--clear", inRoot(folder)]);
    const lock = await readFile(inRoot("requirements.lock"), "utf8");
    const locked = /^ruff==(?:.*\\\n)*.*$/m.exec(lock)?.[0];
    if (!locked) throw new Error("requirements.lock has no ruff");
    const requirements = inRoot(folder, "requirements.txt");
    await writeFile(requirements, locked);
    const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--require-hashes"];
    await command(programIn(inRoot(folder), "python"), [...pip, "-r", requirements]);
  },
});
