import { defineConfig } from "@playwright/test";
import { chromiumArguments, findChromium } from "../../setup/browser.mjs";

const executablePath = process.env.CHROMIUM ?? findChromium();

/** Pages that compute at their own pace, and may share the machine. */
const pages = [
  "site/contrast",
  "vad/embeddings",
  "vad/open",
  "site/embed",
  "site/embed-page",
  "site/figures",
  "site/refusals",
  "inspector/bundles",
  "inspector/python",
  "inspector/read",
  "inspector/run",
  "live/access",
  "live/first-paint",
  "live/errors",
  "live/recordings",
  "inspector/view",
  "site/docs",
  "site/waiting",
  "site/wheel",
  "walkthroughs/dynamic-batch",
  "walkthroughs/dynamic-batch-page",
  "walkthroughs/kv-cache",
  "walkthroughs/kv-cache-page",
  "walkthroughs/own",
  "walkthroughs/streaming",
  "walkthroughs/streaming-page",
  "walkthroughs/streaming-seam",
  "walkthroughs/vad",
  "walkthroughs/vad-page",
  "walkthroughs/list",
].map((name) => `${name}.spec.ts`);

export default defineConfig({
  testDir: ".",
  outputDir: "../../.build/e2e",
  // Streams run in real time: two browsers at once on a small machine would drop pulses.
  workers: 1,
  projects: [
    { name: "streams", testIgnore: pages },
    {
      name: "pages",
      testMatch: pages,
      // Where a test answers for the host, a service worker would ask the host itself.
      use: { serviceWorkers: "block" },
    },
  ],
  // What is waited for comes when a busy machine has come to it: these end a wait that is none.
  timeout: 240_000,
  expect: { timeout: 60_000 },
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
