import { otherBrowsers } from "../other-browsers.mjs";
import { thisMachine } from "../preflight/machine.mjs";
import { installPackages } from "../preflight/preflight.mjs";

/**
 * As root on Debian, installs the browsers that are missing; elsewhere says what to run.
 *
 * @returns {import("../graph/graph.mjs").Step}
 */
export const testBrowsers = () => ({
  name: "other-browsers",
  title: "Getting Firefox and WebKitGTK for the tests",
  // apt-get takes one at a time.
  needs: ["browser"],
  isValid: async () => otherBrowsers.every(({ findMissing }) => findMissing().length === 0),
  run: async ({ log, say }) => {
    const missing = otherBrowsers.filter(({ findMissing }) => findMissing().length > 0);
    if (missing.length === 0) return;
    const { isDebian, isRoot } = thisMachine();
    const packages = missing.flatMap((browser) => browser.packages);
    if (isDebian && isRoot) {
      say(`installing Debian's ${packages.join(" ")}`);
      await installPackages(packages, log);
    } else if (isDebian) {
      say(`to have them, run: sudo apt-get install ${packages.join(" ")}`);
    } else {
      for (const { title, elsewhere } of missing) say(`${title}: ${elsewhere}`);
    }
  },
});
