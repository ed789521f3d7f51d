import { command } from "../graph/command.mjs";
import { findMissing } from "./checks.mjs";
import { thisMachine } from "./machine.mjs";

/** The machine lacks something set-up cannot bring. */
export class PreflightError extends Error {
  /** @param {readonly import("./checks.mjs").MissingRequirement[]} missing */
  constructor(missing) {
    super(listMissing(missing));
    this.name = "PreflightError";
    this.missing = missing;
  }
}

/** @param {readonly import("./checks.mjs").MissingRequirement[]} missing */
export function listMissing(missing) {
  const lines = missing.flatMap(({ what, remedy }) => [`  ✗ ${what}`, `      ${remedy}`]);
  return [
    `This machine lacks ${missing.length === 1 ? "one requirement" : `${missing.length} requirements`}:`,
    ...lines,
  ].join("\n");
}

/**
 * Makes sure that set-up can succeed. As root on Debian it installs what is missing, and says so;
 * elsewhere it only reports.
 * @param {(line: string) => void} say @throws {PreflightError} listing everything that is missing
 */
export async function preflight(say, machine = thisMachine(), install = installPackages) {
  const missing = await findMissing(machine);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap((requirement) => requirement.packages ?? []))];
  const installable = missing.every((requirement) => requirement.packages);
  if (!installable || !machine.isDebian || !machine.isRoot) throw new PreflightError(missing);
  for (const { what } of missing) say(`  ✗ ${what}`);
  say(`Installing Debian's ${packages.join(" ")}`);
  await install(packages);
  const left = await findMissing(machine);
  if (left.length > 0) throw new PreflightError(left);
}

/**
 * Installs Debian packages.
 * @param {readonly string[]} packages
 * @param {import("node:stream").Writable} [log] where the output goes as it comes
 */
export async function installPackages(packages, log = process.stdout) {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const patient = ["-o", "DPkg::Lock::Timeout=300"];
  await command("apt-get", [...patient, "update"], { env, log });
  const install = ["install", "--yes", "--no-install-recommends"];
  await command("apt-get", [...patient, ...install, ...packages], { env, log });
}
