// npm run audit: are the locked packages pinned, under terms we can meet, and free of known faults?
import { parseArgs } from "node:util";
import { runCommand, setUp } from "./set-up.mjs";

await runCommand(async () => {
  const { advisories: folder } = parseArgs({ options: { advisories: { type: "string" } } }).values;
  await setUp(["notices", "python"]);
  // npm's packages are there by now.
  const { auditedLocks } = await import("./audit/audit.mjs");
  const locks = await auditedLocks();
  for (const [file, { packages }] of Object.entries(locks)) {
    const elsewhere = packages.filter(({ licence }) => licence === undefined).length;
    const unknown = elsewhere > 0 ? `; ${elsewhere} for other machines, terms not looked at` : "";
    console.log(`${file}: ${packages.length} packages${unknown}`);
  }
  const problems = Object.values(locks).flatMap((lock) => lock.problems);
  for (const problem of problems) console.log(`✗ ${problem}`);
  if (problems.length === 0) {
    console.log("✓ Each is pinned by digest, from its registry, under terms that can be met.");
  }
  const packages = Object.values(locks).flatMap((lock) => lock.packages);
  const found = folder === undefined ? [] : await knownFaults(folder, packages);
  return problems.length + found.length > 0 ? 1 : 0;
});

/** @param {string} folder @param {import("./audit/locks.mjs").Locked[]} packages */
async function knownFaults(folder, packages) {
  const { advisoriesAbout, coveredVersions, readAdvisories } = await import(
    "./audit/advisories.mjs"
  );
  console.log(`Reading the advisories in ${folder}`);
  const advisories = await readAdvisories(folder);
  const about = advisoriesAbout(advisories, packages);
  const found = await coveredVersions(about, packages);
  for (const { locked, id, summary, fixed } of found) {
    const remedy = fixed ? `mended in ${fixed}` : "no version without it is named";
    console.log(
      `✗ ${locked.ecosystem}: ${locked.name} ${locked.version}: ${id}, ${summary} (${remedy})`,
    );
  }
  const looked = `${advisories.length} advisories, ${about.length} about packages of these locks`;
  console.log(`${found.length === 0 ? "✓ No" : "✗ Some"} locked version is covered: ${looked}.`);
  return found;
}
