import { defineConfig } from "@playwright/test";
import { chromiumArguments, findChromium } from "../../setup/browser.mjs";

const executablePath = process.env.CHROMIUM ?? findChromium();

export default defineConfig({
  testDir: ".",
  outputDir: "../../.build/e2e",
  // Streams run in real time: two browsers at once on a small machine would drop pulses.
  workers: 1,
  timeout: 60_000,
  forbidOnly: true,
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 900 },
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: [...chromiumArguments],
    },
  },
});
