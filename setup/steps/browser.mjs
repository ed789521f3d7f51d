import { findChromium } from "../browser.mjs";
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
    if (!findChromium()) throw new Error("no Chromium is there after installing one");
  },
});
