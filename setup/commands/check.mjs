import { runChosen } from "../suites/command.mjs";
import { checkSuites } from "../suites/suites.mjs";

await runChosen(checkSuites);
