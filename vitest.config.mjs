import { defineConfig } from "vitest/config";

// tests/python belongs to pytest, tests/e2e to Playwright and tests/bench to `npm run bench`.
export default defineConfig({
  test: {
    include: ["tests/{setup,docs,engine,conformance,web}/**/*.test.{ts,mjs}"],
    testTimeout: 30_000,
  },
});
