import { readFile } from "node:fs/promises";
import { delimiter, dirname } from "node:path";
import { command } from "../graph/command.mjs";
import { inVenv } from "../paths.mjs";
import { bundleStepName, firstBundle } from "../steps/bundles.mjs";
import { cargoEnvironment, manifest, withCargo } from "../steps/cargo.mjs";
import { ruff } from "../steps/ruff.mjs";
import { toolchain } from "../steps/rust-target.mjs";
import { readCargo, sum } from "./counts.mjs";

/** @typedef {import("./run.mjs").Suite} Suite */
/** @typedef {import("./run.mjs").SuiteContext} SuiteContext */
/** @typedef {import("./counts.mjs").Counts} Counts */

const none = { passed: 0, failed: 0, skipped: 0 };

/** A check without a report of its own counts as one test. @param {{ code: number | string }} result @returns {Counts} */
const asOne = ({ code }) => (code === 0 ? { ...none, passed: 1 } : { ...none, failed: 1 });

/** @param {Promise<{ code: number | string }>[]} attempts */
const together = async (...attempts) => sum((await Promise.all(attempts)).map(asOne));

/**
 * A runner's report, held against its exit code: a runner that fails without naming a test, or
 * leaves no report, is itself a failure.
 * @param {{ code: number | string }} result @param {() => Counts | Promise<Counts>} read
 */
async function fromReport({ code }, read) {
  /** @type {Counts} */
  const counts = await Promise.resolve()
    .then(read)
    .catch(() => none);
  const silent = counts.failed === 0 && (code !== 0 || counts.passed + counts.skipped === 0);
  if (silent) console.log(`This runner ended with ${code} and named no failed test.`);
  return silent ? { ...counts, failed: 1 } : counts;
}

/** @param {string} path of a JUnit report */
async function fromJunit(path) {
  const { readJunit } = await import("./junit.mjs"); // npm's packages are there by now
  return readJunit(await readFile(path, "utf8"));
}

/** @type {Suite} */
const format = {
  name: "biome",
  title: "TypeScript, JavaScript, CSS: format and lint (biome)",
  steps: ["node-packages"],
  run: ({ attempt }) => together(attempt("npx", ["biome", "check", "--error-on-warnings"])),
};

/** @type {Suite} */
const types = {
  name: "types",
  title: "TypeScript: types (tsc)",
  steps: ["declarations"],
  run: async ({ attempt }) => {
    const listed = await command("git", ["ls-files", "tsconfig.json", "*/tsconfig.json"]);
    const projects = listed.split("\n").filter(Boolean);
    return together(...projects.map((it) => attempt("npx", ["tsc", "--noEmit", "-p", it])));
  },
};

/** @type {Suite} */
const pythonLint = {
  name: "ruff",
  title: "Python: format, lint (ruff)",
  steps: ["ruff"],
  run: ({ attempt }) => together(attempt(ruff, ["check"]), attempt(ruff, ["format", "--check"])),
};

/** @type {Suite} */
const pythonTypes = {
  name: "mypy",
  title: "Python: types (mypy)",
  steps: ["python"],
  run: ({ attempt }) => together(attempt(inVenv("python"), ["-m", "mypy"])),
};

/** @type {Suite} */
const rustLint = {
  name: "clippy",
  title: "Rust: format and lint (rustfmt, clippy)",
  steps: ["rust-target"],
  run: async ({ attempt }) => {
    const { native: rust } = await toolchain();
    /** @param {string} tool @param {string[]} args @returns {Promise<Counts>} */
    const check = async (tool, args) => {
      // A Rust without these is enough to build and run everything else.
      if ((await attempt(rust.cargo, [tool, "--version"])).code !== 0) {
        console.log(`Skipped: this Rust has no ${tool}; to add it: rustup component add ${tool}`);
        return { ...none, skipped: 1 };
      }
      const all = [tool, ...manifest, ...args];
      return withCargo(rust, [], async (env) => asOne(await attempt(rust.cargo, all, { env })));
    };
    const format = await check("fmt", ["--check"]);
    // With the profile of tests, build scripts and macros compiled here serve the tests that follow.
    const options = ["--locked", "--all-targets", "--profile=test", "--", "-D", "warnings"];
    const lint = await check("clippy", options);
    return sum([format, lint]);
  },
};

/** @type {Suite} */
const rustTests = {
  name: "cargo",
  title: "Engine, natively (cargo test)",
  steps: ["rust-target"],
  needs: ["clippy"], // both lock cargo's folder
  run: async ({ attempt }) => {
    const { native: rust } = await toolchain();
    const result = await withCargo(rust, [], (env) =>
      attempt(rust.cargo, ["test", ...manifest, "--locked"], { env }),
    );
    return fromReport(result, () => readCargo(result.stdout));
  },
};

/** Steps of a suite whose tests read bundles: those before the bundles are made. */
const beforeBundles = ["recipes", bundleStepName(firstBundle)];

/** @param {readonly string[]} [options] @returns {Suite["run"]} */
const pytest =
  (options = []) =>
  async ({ attempt, report }) => {
    const path = report("pytest.xml");
    const args = ["-m", "pytest", `--junitxml=${path}`, ...options];
    const result = await attempt(inVenv("python"), args);
    return fromReport(result, () => fromJunit(path));
  };

/** @type {Suite} */
const pythonTests = {
  name: "pytest",
  title: "Exporter (pytest)",
  steps: ["python", ...beforeBundles],
  needs: ["bundles"],
  schedule: "parallel",
  run: pytest(),
};

/** @param {readonly string[]} [options] @returns {Suite["run"]} */
const vitest =
  (options = []) =>
  async ({ attempt, report }) => {
    const path = report("vitest.xml");
    const reporters = ["--reporter=default", "--reporter=junit", `--outputFile.junit=${path}`];
    const { native } = await toolchain();
    // Tests that call cargo find the one that built the native tests, and what it built.
    const PATH = [dirname(native.cargo), process.env.PATH].join(delimiter);
    const env = { ...cargoEnvironment(native), PATH };
    const result = await attempt("npx", ["vitest", "run", ...reporters, ...options], { env });
    return fromReport(result, () => fromJunit(path));
  };

/** @type {Suite} */
const unitTests = {
  name: "vitest",
  title: "Set-up, documents, engine, library (vitest)",
  steps: ["site", "viewer", "browser", ...beforeBundles],
  needs: ["bundles"],
  run: async (context) => {
    const { native } = await toolchain();
    await withCargo(native, [], async () => {}); // removes another clone's crates
    return vitest()(context);
  },
};

/**
 * Tests that drive pages; those left out are named, with the reason.
 * @param {string} name @param {string} title @param {string} folder
 * @param {Partial<Suite> & { options?: readonly string[] }} more `options` of the runner, and
 * steps needed besides those of every page
 * @returns {Suite}
 */
const pages = (name, title, folder, { options = [], steps = [], ...more }) => ({
  name,
  title,
  needs: ["bundles"],
  steps: ["site", "browser", ...beforeBundles, ...steps],
  ...more,
  run: async ({ attempt, report }) => {
    const path = report(`${name}.xml`);
    const args = ["playwright", "test", "-c", folder, "--reporter=list,junit", ...options];
    const result = await attempt("npx", args, { env: { PLAYWRIGHT_JUNIT_OUTPUT_FILE: path } });
    return fromReport(result, async () => {
      const counts = await fromJunit(path);
      for (const line of counts.omissions ?? []) console.log(`Skipped: ${line}`);
      return counts;
    });
  },
});

/** Two at once, in parallel with the rest of the exporter's tests. */
const pageTests = pages("pages", "Pages in Chromium, at their own pace (playwright)", "tests/e2e", {
  options: ["--project=pages", "--workers=2", "--output=.build/e2e-pages"],
  steps: ["viewer"],
});

const streamTests = pages("streams", "Pages in Chromium, in real time (playwright)", "tests/e2e", {
  options: ["--project=streams"],
  schedule: "alone",
});

const everyBrowser = "Chromium, Firefox, WebKitGTK (puppeteer, selenium)";

/** What `npm run test:browsers` adds. */
export const browserTests = pages("browsers", everyBrowser, "tests/browsers", {
  steps: ["other-browsers"],
  schedule: "alone",
});

export const lintSuites = [format, types, pythonLint, pythonTypes, rustLint];

export const allSuites = [...lintSuites, rustTests, pythonTests, unitTests, pageTests, streamTests];

/** Formatters, linters, types and the tests that need no model, no page and no built engine. */
export const checkSuites = [
  { ...rustLint, schedule: /** @type {const} */ ("parallel") },
  { ...rustTests, schedule: /** @type {const} */ ("parallel") },
  format,
  types,
  pythonLint,
  pythonTypes,
  { ...pythonTests, steps: ["python"], needs: [], run: pytest(["--unit"]) },
  {
    ...unitTests,
    steps: ["node-packages", "rust-target"],
    needs: [],
    run: vitest(["--project=unit"]),
  },
];
