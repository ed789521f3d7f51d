import { defineConfig } from "vitest/config";

/** Tests of what `npm start` builds: the engine, the packages, the site, bundles. */
const built = [
  "tests/{docs,engine,conformance}/**/*.test.{ts,mjs}",
  "tests/setup/{notices,reproducible}.test.mjs",
  "tests/web/**/{compare,compare-layout,embed-address,reference-check,package}.test.ts",
  "tests/web/**/{reader-in-pyodide,stream}.test.ts",
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
