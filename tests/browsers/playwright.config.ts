import { defineConfig } from "@playwright/test";
import { otherBrowsers } from "../../setup/other-browsers.mjs";
import type { BrowserName } from "./drive/browsers.js";
import type { Driving } from "./fixtures.js";

/** What this machine lacks is named by `npm run test:browsers`. */
const others = otherBrowsers.filter(({ findMissing }) => findMissing().length === 0);
const names: readonly BrowserName[] = ["chromium", ...others.map(({ name }) => name)];

export default defineConfig<object, Driving>({
  testDir: ".",
  testIgnore: "tests/browsers/endurance/**",
  outputDir: "../../.build/browsers",
  // Streams run in real time: two browsers at once on a small machine would drop pulses.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  projects: names.map((name) => ({ name, use: { drives: name } })),
});
