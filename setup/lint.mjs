import { runCommand, setUp } from "./set-up.mjs";
import { chooseSuites } from "./suites/choose.mjs";
import { runSuites } from "./suites/run.mjs";
import { lintSuites } from "./suites/suites.mjs";

await runCommand(async () => {
  const suites = chooseSuites(lintSuites, process.argv.slice(2));
  await setUp(["library"]); // the types one package takes from another are built
  return runSuites(suites);
});
