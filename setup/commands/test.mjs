import { runChosen } from "../suites/command.mjs";
import { allSuites } from "../suites/suites.mjs";

await runChosen(allSuites);
