import { defineConfig } from "vitest/config";

/** What `npm run check` leaves out: tests of what `npm start` builds, and those that take minutes. */
const built = [
  "tests/{docs,engine,conformance}/**/*.test.{ts,mjs}",
  "tests/setup/{notices,reproducible}.test.mjs",
  "tests/web/**/{compare,compare-layout,embed-address,reference-check,package}.test.ts",
  "tests/web/**/{reader-in-pyodide,interleavings,resampler-drift}.test.ts",
  "tests/web/stream/*.test.ts",
];

// tests/python belongs to pytest, tests/e2e to Playwright and tests/bench to `npm run bench`.
export default defineConfig({
  test: {
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["tests/{setup,web}/**/*.test.{ts,mjs}"], exclude: built },
      },
      { extends: true, test: { name: "built", include: built } },
    ],
  },
});
