import { openChromium, openFirefox } from "./puppeteer.js";
import type { Driven } from "./tab.js";
import { openWebKit } from "./webkit.js";

export type BrowserName = "chromium" | "firefox" | "webkit";

export const browsers: Readonly<Record<BrowserName, () => Promise<Driven>>> = {
  chromium: openChromium,
  firefox: openFirefox,
  webkit: openWebKit,
};
