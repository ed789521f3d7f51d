import { command } from "../graph/command.mjs";
import { findLacks } from "./checks.mjs";
import { thisMachine } from "./machine.mjs";

/** The machine lacks something set-up cannot bring. */
export class PreflightError extends Error {
  /** @param {readonly import("./checks.mjs").Lack[]} lacks */
  constructor(lacks) {
    super(listLacks(lacks));
    this.name = "PreflightError";
    this.lacks = lacks;
  }
}

/** @param {readonly import("./checks.mjs").Lack[]} lacks */
export function listLacks(lacks) {
  const lines = lacks.flatMap(({ what, remedy }) => [`  ✗ ${what}`, `      ${remedy}`]);
  return [
    `This machine lacks ${lacks.length === 1 ? "one thing" : `${lacks.length} things`}:`,
    ...lines,
  ].join("\n");
}

/**
 * Makes sure that set-up can succeed. As root on Debian it installs what is missing, and says so;
 * elsewhere it only reports.
 *
 * @param {(line: string) => void} say
 * @throws {PreflightError} listing everything that is missing
 */
export async function preflight(say, machine = thisMachine(), install = installPackages) {
  const lacks = await findLacks(machine);
  if (lacks.length === 0) return;
  const packages = [...new Set(lacks.flatMap((lack) => lack.packages ?? []))];
  const installable = lacks.every((lack) => lack.packages);
  if (!installable || !machine.isDebian || !machine.isRoot) throw new PreflightError(lacks);
  for (const { what } of lacks) say(`  ✗ ${what}`);
  say(`Installing Debian's ${packages.join(" ")}`);
  await install(packages);
  const left = await findLacks(machine);
  if (left.length > 0) throw new PreflightError(left);
}

/**
 * Installs Debian packages.
 *
 * @param {readonly string[]} packages
 * @param {import("node:stream").Writable} [log] where the output goes as it comes
 */
export async function installPackages(packages, log = process.stdout) {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const patient = ["-o", "DPkg::Lock::Timeout=300"];
  await command("apt-get", [...patient, "update"], { env, log });
  await command(
    "apt-get",
    [...patient, "install", "--yes", "--no-install-recommends", ...packages],
    { env, log },
  );
}
