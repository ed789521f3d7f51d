import { defineConfig } from "@playwright/test";
import { chromiumArguments, findChromium } from "../../setup/browser.mjs";

const executablePath = process.env.CHROMIUM ?? findChromium();

/** What computes at its own pace, and may share the machine. */
const unhurried = [
  "contrast",
  "figures",
  "inspector-bundles",
  "inspector-python",
  "inspector-read",
  "inspector-run",
  "live-access",
  "view",
  "waiting",
  "walkthrough-dynamic-batch",
  "walkthrough-kv-cache",
  "walkthrough-own",
  "walkthrough-streaming",
  "walkthroughs",
].map((name) => `${name}.spec.ts`);

export default defineConfig({
  testDir: ".",
  outputDir: "../../.build/e2e",
  // Streams run in real time: two browsers at once on a small machine would drop pulses. The
  // runner of all tests gives the unhurried ones two.
  workers: 1,
  projects: [
    { name: "streams", testIgnore: unhurried },
    // Where a test answers for the host, a service worker would ask the host itself.
    { name: "unhurried", testMatch: unhurried, use: { serviceWorkers: "block" } },
  ],
  timeout: 60_000,
  expect: { timeout: 15_000 },
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
