import { makeOtherBundles } from "./other-bundles.mjs";
import { runCommand, setUp } from "./set-up.mjs";
import { chooseSuites } from "./suites/choose.mjs";
import { runSuites } from "./suites/run.mjs";
import { allSuites } from "./suites/suites.mjs";

await runCommand(async () => {
  const suites = chooseSuites(allSuites, process.argv.slice(2));
  await setUp(["site", "recipes", "browser"]);
  const makeBundles = await makeOtherBundles();
  /** What a failed export would have proven did not hold. @type {import("./suites/run.mjs").Suite} */
  const bundles = {
    name: "bundles",
    title: "Bundles (nnef-pulse export)",
    run: async () => ({ passed: 0, failed: (await makeBundles()).length, skipped: 0 }),
  };
  return runSuites([bundles, ...suites]);
});
