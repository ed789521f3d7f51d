import { readFile } from "node:fs/promises";
import { delimiter, dirname } from "node:path";
import { command } from "../graph/command.mjs";
import { inVenv } from "../places.mjs";
import { cargoEnvironment, toolchain } from "../steps/rust-target.mjs";
import { ofCargo, ofJunit, ofPlaywright, ofVitest, skippedByPlaywright, sum } from "./counts.mjs";

/** @typedef {import("./run.mjs").Suite} Suite */
/** @typedef {import("./run.mjs").SuiteContext} SuiteContext */
/** @typedef {import("./counts.mjs").Counts} Counts */

const manifest = ["--manifest-path", "wasm/Cargo.toml"];

/** A check without a report of its own counts as one test. @param {{ code: number | string }} result @returns {Counts} */
const asOne = ({ code }) => ({
  passed: code === 0 ? 1 : 0,
  failed: code === 0 ? 0 : 1,
  skipped: 0,
});

/**
 * A runner's report, held against its exit code: a runner that fails without naming a test, or
 * leaves no report, is itself a failure.
 *
 * @param {{ code: number | string }} result
 * @param {() => Promise<Counts>} read
 */
async function fromReport({ code }, read) {
  const counts = await read().catch(() => ({ passed: 0, failed: 0, skipped: 0 }));
  const silent = counts.failed === 0 && (code !== 0 || counts.passed + counts.skipped === 0);
  if (silent) console.log(`This runner ended with ${code} and named no failed test.`);
  return silent ? { ...counts, failed: 1 } : counts;
}

/** @type {Suite} */
const format = {
  name: "biome",
  title: "TypeScript, JavaScript, CSS: format and lint (biome)",
  run: async ({ attempt }) =>
    asOne(await attempt("npx", ["biome", "check", "--error-on-warnings"])),
};

/** @type {Suite} */
const types = {
  name: "types",
  title: "TypeScript: types (tsc)",
  run: async ({ attempt }) => {
    const projects = (await command("git", ["ls-files", "tsconfig.json", "*/tsconfig.json"])).split(
      "\n",
    );
    const results = [];
    for (const project of projects.filter(Boolean)) {
      results.push(asOne(await attempt("npx", ["tsc", "--noEmit", "-p", project])));
    }
    return sum(results);
  },
};

/** @type {Suite} */
const pythonLint = {
  name: "ruff",
  title: "Python: format, lint, types (ruff, mypy)",
  run: async ({ attempt }) =>
    sum([
      asOne(await attempt(inVenv("ruff"), ["check"])),
      asOne(await attempt(inVenv("ruff"), ["format", "--check"])),
      asOne(await attempt(inVenv("python"), ["-m", "mypy"])),
    ]),
};

/** @type {Suite} */
const rustLint = {
  name: "clippy",
  title: "Rust: format and lint (rustfmt, clippy)",
  run: async ({ attempt }) => {
    const { native: rust } = await toolchain();
    const env = cargoEnvironment(rust);
    /** @param {string} tool @param {string[]} args @returns {Promise<Counts>} */
    const check = async (tool, args) => {
      // A Rust without these is enough to build and run everything else.
      if ((await attempt(rust.cargo, [tool, "--version"], { env })).code !== 0) {
        console.log(`Skipped: this Rust has no ${tool}; to add it: rustup component add ${tool}`);
        return { passed: 0, failed: 0, skipped: 1 };
      }
      return asOne(await attempt(rust.cargo, args, { env }));
    };
    return sum([
      await check("fmt", ["fmt", ...manifest, "--check"]),
      await check("clippy", [
        "clippy",
        ...manifest,
        "--locked",
        "--all-targets",
        // So that build scripts and macros compiled here serve the tests that follow.
        "--profile=test",
        "--",
        "-D",
        "warnings",
      ]),
    ]);
  },
};

/** @type {Suite} */
const rustTests = {
  name: "cargo",
  title: "Engine, natively (cargo test)",
  run: async ({ attempt }) => {
    const { native: rust } = await toolchain();
    const result = await attempt(rust.cargo, ["test", ...manifest, "--locked"], {
      env: cargoEnvironment(rust),
    });
    return fromReport(result, async () => ofCargo(result.stdout));
  },
};

/** @type {Suite} */
const pythonTests = {
  name: "pytest",
  title: "Exporter (pytest)",
  needs: ["bundles"],
  place: "beside",
  run: async ({ attempt, report }) => {
    const path = report("pytest.xml");
    const result = await attempt(inVenv("python"), ["-m", "pytest", `--junitxml=${path}`]);
    return fromReport(result, async () => ofJunit(await readFile(path, "utf8")));
  },
};

/** @type {Suite} */
const unitTests = {
  name: "vitest",
  title: "Set-up, documents, engine, library (vitest)",
  needs: ["bundles"],
  run: async ({ attempt, report }) => {
    const path = report("vitest.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${path}`];
    const { native } = await toolchain();
    // Tests that call cargo find the one that built the native tests, and what it built.
    const PATH = [dirname(native.cargo), process.env.PATH].join(delimiter);
    const env = { ...cargoEnvironment(native), PATH };
    const result = await attempt("npx", ["vitest", "run", ...reporters], { env });
    return fromReport(result, async () => ofVitest(await readFile(path, "utf8")));
  },
};

/**
 * Tests that drive pages; those left out are named, with the reason.
 *
 * @param {Omit<Suite, "run">} suite
 * @param {string} folder
 * @param {readonly string[]} [options] what the runner is given besides
 * @returns {Suite}
 */
const pages = (suite, folder, options = []) => ({
  ...suite,
  run: async ({ attempt, report }) => {
    const path = report(`${suite.name}.json`);
    const result = await attempt(
      "npx",
      ["playwright", "test", "-c", folder, "--reporter=list,json", ...options],
      { env: { PLAYWRIGHT_JSON_OUTPUT_FILE: path } },
    );
    return fromReport(result, async () => {
      const text = await readFile(path, "utf8");
      for (const line of skippedByPlaywright(text)) console.log(`Skipped: ${line}`);
      return ofPlaywright(text);
    });
  },
});

/** Two at once, and beside what is left of the exporter's tests. */
const pageTests = pages(
  {
    name: "pages",
    title: "Pages in Chromium, at their own pace (playwright)",
    needs: ["bundles"],
  },
  "tests/e2e",
  ["--project=pages", "--workers=2", "--output=.build/e2e-pages"],
);

const streamTests = pages(
  { name: "streams", title: "Pages in Chromium, in real time (playwright)", place: "alone" },
  "tests/e2e",
  ["--project=streams"],
);

/** What `npm run test:browsers` adds. */
export const browserTests = pages(
  {
    name: "browsers",
    title: "Chromium, Firefox, WebKitGTK (puppeteer, selenium)",
    place: "alone",
  },
  "tests/browsers",
);

export const lintSuites = [format, types, pythonLint, rustLint];

export const allSuites = [...lintSuites, rustTests, pythonTests, unitTests, pageTests, streamTests];
