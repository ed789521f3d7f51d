// npm run test:browsers: all of npm test, and what is to hold in every browser, in each of them.
import { sayMissing } from "./other-browsers.mjs";
import { runCommand, setUp } from "./set-up.mjs";
import { bundles } from "./suites/bundles.mjs";
import { chooseSuites } from "./suites/choose.mjs";
import { runSuites } from "./suites/run.mjs";
import { allSuites, browserTests } from "./suites/suites.mjs";

await runCommand(async () => {
  const suites = chooseSuites([...allSuites, browserTests], process.argv.slice(2));
  const made = await setUp(["site", "recipes", "browser", "other-browsers"], bundles);
  const code = await runSuites([made, ...suites]);
  sayMissing();
  return code;
});
