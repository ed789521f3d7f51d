import { defineConfig } from "@playwright/test";
import type { Driving } from "../fixtures.js";
import config from "../playwright.config.js";

/** `npm run endurance`: minutes a browser, and so no part of any other command. */
export default defineConfig<object, Driving>({
  ...config,
  testDir: ".",
  testIgnore: [],
  outputDir: "../../../.build/endurance-run",
  timeout: 3_600_000,
});
