/**
 * What a runner's report says of its tests.
 *
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} [named] a line for each test to be looked at: it failed, or passed
 *   at the second attempt only
 */

/** @param {readonly Counts[]} all @returns {Required<Counts>} */
export const sum = (all) =>
  all.reduce(
    (/** @type {Required<Counts>} */ total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
      named: [...total.named, ...(one.named ?? [])],
    }),
    { passed: 0, failed: 0, skipped: 0, named: [] },
  );

const none = { passed: 0, failed: 0, skipped: 0 };

/** @param {Counts} counts */
export const print = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/**
 * @param {string} text vitest's JSON report
 * @returns {Counts} a file that could not be loaded counts as one failure
 */
export function ofVitest(text) {
  const report = JSON.parse(text);
  /** @type {{ name: string, status: string, assertionResults: { status: string, fullName: string }[] }[]} */
  const files = report.testResults;
  const failed = files.filter(({ status }) => status === "failed");
  const broken = failed.filter(({ assertionResults }) => assertionResults.length === 0);
  const tests = failed.flatMap(({ assertionResults }) => assertionResults);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
    named: [
      ...tests.filter(({ status }) => status === "failed").map(({ fullName }) => fullName),
      ...broken.map(({ name }) => name),
    ],
  };
}

/** @param {string} text pytest's JUnit report @returns {Counts} */
export function ofJunit(text) {
  const suites = [...text.matchAll(/<testsuite\s([^>]*)>/g)].map(([, attributes = ""]) => {
    /** @param {string} name */
    const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(attributes)?.[1] ?? 0);
    const failed = count("failures") + count("errors");
    const skipped = count("skipped");
    return { passed: count("tests") - failed - skipped, failed, skipped };
  });
  const cases = text.matchAll(
    /<testcase classname="([^"]*)" name="([^"]*)"[^>]*[^/]>\s*<(?:failure|error)\b/g,
  );
  return sum([
    ...suites,
    { ...none, named: Array.from(cases, ([, place, name]) => `${place}: ${name}`) },
  ]);
}

/** @param {string} text Playwright's JSON report @returns {Counts} */
export function ofPlaywright(text) {
  const report = JSON.parse(text);
  const { stats, errors } = report;
  const tests = testsOf(report);
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
    named: [
      ...tests.filter(({ status }) => status === "unexpected").map(({ name }) => name),
      ...tests
        .filter(({ status }) => status === "flaky")
        .map(({ name }) => `${name}: passed at the second attempt`),
    ],
  };
}

/**
 * @param {string} text Playwright's JSON report
 * @returns {string[]} a line for each test that was left out: which, where, why
 */
export const skippedByPlaywright = (text) =>
  testsOf(JSON.parse(text))
    .filter(({ status }) => status === "skipped")
    .map(({ name, annotations }) => {
      const why = annotations.find(({ type }) => type === "skip");
      return `${name}: ${why?.description ?? "no reason given"}`;
    });

/**
 * @typedef {{ status: string, projectName: string,
 *   annotations: { type: string, description?: string }[] }} PlaywrightTest
 * @typedef {{ suites?: PlaywrightSuite[], specs?: { title: string, tests: PlaywrightTest[] }[] }} PlaywrightSuite
 */

/** @param {PlaywrightSuite} suite @returns {(PlaywrightTest & { name: string })[]} */
const testsOf = ({ suites = [], specs = [] }) => [
  ...specs.flatMap(({ title, tests }) =>
    tests.map((test) => ({
      ...test,
      name: test.projectName === "" ? title : `${title} in ${test.projectName}`,
    })),
  ),
  ...suites.flatMap(testsOf),
];

/** @param {string} text what `cargo test` printed; libtest has no stable report but this line @returns {Counts} */
export function ofCargo(text) {
  const lines = text.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm);
  const failures = text.matchAll(/^test (.+) \.\.\. FAILED$/gm);
  return sum([
    ...Array.from(lines, ([, passed, failed, skipped]) => ({
      passed: Number(passed),
      failed: Number(failed),
      skipped: Number(skipped),
    })),
    { ...none, named: Array.from(failures, ([, name = ""]) => name) },
  ]);
}
