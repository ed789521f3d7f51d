// Takes the README's picture of the live page, of the site as it is built: node docs/picture.mjs
import { chromium } from "@playwright/test";
import { chromiumArguments, findChromium } from "../setup/browser.mjs";
import { inRoot } from "../setup/paths.mjs";
import { listen } from "../setup/serve/listen.mjs";

const executablePath = findChromium();
if (!executablePath) throw new Error("there is no Chromium; `npm test` gets one");
const site = await listen(0);
const browser = await chromium.launch({
  executablePath,
  args: [...chromiumArguments, "--autoplay-policy=no-user-gesture-required"],
});
const page = await browser.newPage({
  viewport: { width: 1280, height: 800 },
  reducedMotion: "reduce",
});
await page.goto(site.address);
await page.getByRole("button", { name: "Play the sample" }).click();
await page.waitForTimeout(9_000); // well into the sample, with speech found and more to come
await page.screenshot({ path: inRoot("docs", "live.png") });
await browser.close();
site.close();
