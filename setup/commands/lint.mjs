import { runChosen } from "../suites/command.mjs";
import { lintSuites } from "../suites/suites.mjs";

await runChosen(lintSuites);
