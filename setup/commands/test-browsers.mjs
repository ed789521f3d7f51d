// npm run test:browsers: all of npm test, and what must hold in every browser, in each of them.
import { sayMissing } from "../other-browsers.mjs";
import { runChosen } from "../suites/command.mjs";
import { allSuites, browserTests } from "../suites/suites.mjs";

await runChosen([...allSuites, browserTests], sayMissing);
