// npm run test:browsers: all of npm test, and what is to hold in every browser, in each of them.
import { otherBrowsers } from "./other-browsers.mjs";
import { runCommand, setUp } from "./set-up.mjs";
import { bundles } from "./suites/bundles.mjs";
import { chooseSuites } from "./suites/choose.mjs";
import { runSuites } from "./suites/run.mjs";
import { allSuites, browserTests } from "./suites/suites.mjs";

await runCommand(async () => {
  const suites = chooseSuites([...allSuites, browserTests], process.argv.slice(2));
  const made = await setUp(["site", "recipes", "browser", "other-browsers"], bundles);
  const code = await runSuites([made, ...suites]);
  for (const { title, lacks } of otherBrowsers) {
    const missing = lacks();
    if (missing.length > 0)
      console.log(`Skipped: all of ${title}: this machine lacks ${missing.join(" and ")}`);
  }
  return code;
});
