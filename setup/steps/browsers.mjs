import { findChromium } from "../browser.mjs";
import { otherBrowsers } from "../other-browsers.mjs";
import { thisMachine } from "../preflight/machine.mjs";
import { installPackages } from "../preflight/preflight.mjs";

/** @returns {import("../graph/graph.mjs").Step} */
export const testBrowser = () => ({
  name: "browser",
  title: "Getting a Chromium for the tests",
  needs: ["node-packages"],
  isValid: async () => Boolean(findChromium()),
  remedy: "Install Chromium or Chrome so that it is on PATH, then run the same command again.",
  run: async ({ command, log, say }) => {
    if (findChromium()) return;
    const { isDebian, isRoot } = thisMachine();
    if (isDebian && isRoot) {
      say("installing Debian's chromium");
      await installPackages(["chromium"], log);
    } else {
      say("fetching Playwright's own");
      await command("npx", ["playwright", "install", "chromium"]);
    }
    if (!findChromium()) throw new Error("no Chromium was found after installing one");
  },
});

const lacking = () => otherBrowsers.filter(({ findMissing }) => findMissing().length > 0);

/**
 * As root on Debian, installs the browsers that are missing; elsewhere says what to run.
 * @returns {import("../graph/graph.mjs").Step}
 */
export const testBrowsers = () => ({
  name: "other-browsers",
  title: "Getting Firefox and WebKitGTK for the tests",
  needs: ["browser"], // apt-get takes one at a time
  isValid: async () => lacking().length === 0,
  run: async ({ log, say }) => {
    const { isDebian, isRoot } = thisMachine();
    const packages = lacking().flatMap((browser) => browser.packages);
    if (packages.length === 0) return;
    if (isDebian && isRoot) {
      say(`installing Debian's ${packages.join(" ")}`);
      await installPackages(packages, log);
    } else if (isDebian) {
      say(`to have them, run: sudo apt-get install ${packages.join(" ")}`);
    } else {
      for (const { title, elsewhere } of lacking()) say(`${title}: ${elsewhere}`);
    }
  },
});
