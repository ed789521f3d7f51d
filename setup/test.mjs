import { makeOtherBundles } from "./other-bundles.mjs";
import { runCommand, setUp } from "./set-up.mjs";
import { chooseSuites } from "./suites/choose.mjs";
import { runSuites } from "./suites/run.mjs";
import { allSuites } from "./suites/suites.mjs";

await runCommand(async () => {
  const suites = chooseSuites(allSuites, process.argv.slice(2));
  await setUp(["site", "recipes", "browser"]);
  const makeBundles = await makeOtherBundles();
  if (!(await makeBundles())) return 1;
  return runSuites(suites);
});
