import { runCommand, setUp } from "./set-up.mjs";
import { bundles } from "./suites/bundles.mjs";
import { chooseSuites } from "./suites/choose.mjs";
import { runSuites } from "./suites/run.mjs";
import { allSuites } from "./suites/suites.mjs";

await runCommand(async () => {
  const suites = chooseSuites(allSuites, process.argv.slice(2));
  const made = await setUp(["site", "recipes", "browser"], bundles);
  return runSuites([made, ...suites]);
});
