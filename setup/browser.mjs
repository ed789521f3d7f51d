import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { which } from "./which.mjs";

const namesOnPath = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

const installedElsewhere = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/**
 * The Chromium the tests drive: one that is installed, else the one Playwright installed.
 * @returns {string | undefined} path of its executable
 */
export function findChromium() {
  for (const name of namesOnPath) {
    const found = which(name);
    if (found) return found;
  }
  return installedElsewhere.find(existsSync) ?? ofPlaywright();
}

function ofPlaywright() {
  try {
    const path = createRequire(import.meta.url)("@playwright/test").chromium.executablePath();
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined; // before `npm ci`
  }
}

/**
 * Arguments that keep Chromium from talking to anyone but the page under test. The sandbox cannot
 * be had as root, which is what containers run as.
 */
export const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
