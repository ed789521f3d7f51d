import { whichAll } from "../which.mjs";
import { compareVersions, pythonVersions } from "./versions.mjs";

/**
 * @typedef {{ program: string, args: string[], version: string }} Python how to start it
 */

/** The user's own default first, then the newest. */
const candidates = [
  ["python3"],
  ["python3.13"],
  ["python3.12"],
  ["python3.11"],
  ["python"],
  ["py", "-3.13"],
  ["py", "-3.12"],
  ["py", "-3.11"],
];

const question = `
import sys
print("%d.%d.%d" % sys.version_info[:3])
try:
    import venv, ensurepip
    print("venv")
except ImportError:
    pass
`;

/**
 * Looks for a Python that can hold the exporter's environment, under any of its names.
 * @param {import("./machine.mjs").Machine} machine
 * @returns {Promise<{ python?: Python, withoutVenv?: string, others: string[] }>} the one to use;
 * else the version of one that would do but for its venv module; and the versions that do not do
 */
export async function findPython(machine) {
  /** @type {string | undefined} */
  let withoutVenv;
  /** @type {Set<string>} */
  const others = new Set();
  for (const [name = "", ...args] of candidates) {
    for (const program of whichAll(name, machine.path)) {
      const answer = await machine.ask(program, [...args, "-c", question]);
      const [version, venv] = answer?.split(/\s+/) ?? [];
      if (!version) continue;
      if (!inRange(version)) others.add(version);
      else if (venv) return { python: { program, args, version }, others: [...others] };
      else withoutVenv ??= version;
    }
  }
  return { ...(withoutVenv && { withoutVenv }), others: [...others] };
}

/** @param {string} version */
const inRange = (version) =>
  compareVersions(version, pythonVersions.least) >= 0 &&
  compareVersions(version.split(".").slice(0, 2).join("."), pythonVersions.most) <= 0;
