/**
 * What a runner's report says of its tests.
 *
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/** @param {readonly Counts[]} all @returns {Counts} */
export const sum = (all) =>
  all.reduce(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );

/** @param {Counts} counts */
export const print = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/**
 * @param {string} text vitest's JSON report
 * @returns {Counts} a file that could not be loaded counts as one failure
 */
export function ofVitest(text) {
  const report = JSON.parse(text);
  const broken = report.testResults.filter(
    (/** @type {{ status: string, assertionResults: unknown[] }} */ file) =>
      file.status === "failed" && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
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
  return sum(suites);
}

/** @param {string} text Playwright's JSON report @returns {Counts} */
export function ofPlaywright(text) {
  const { stats, errors } = JSON.parse(text);
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
  };
}

/**
 * @param {string} text Playwright's JSON report
 * @returns {string[]} a line for each test that was left out: which, where, why
 */
export function skippedByPlaywright(text) {
  /** @param {{ title: string, suites?: any[], specs?: any[] }} suite @returns {string[]} */
  const of = ({ suites = [], specs = [] }) => [
    ...specs.flatMap(({ title, tests }) =>
      tests
        .filter((/** @type {any} */ test) => test.status === "skipped")
        .map((/** @type {any} */ { projectName, annotations }) => {
          const why = annotations.find((/** @type {any} */ { type }) => type === "skip");
          const where = projectName === "" ? "" : ` in ${projectName}`;
          return `${title}${where}: ${why?.description ?? "no reason given"}`;
        }),
    ),
    ...suites.flatMap(of),
  ];
  return of(JSON.parse(text));
}

/** @param {string} text what `cargo test` printed; libtest has no stable report but this line @returns {Counts} */
export function ofCargo(text) {
  const lines = text.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm);
  return sum(
    [...lines].map(([, passed, failed, skipped]) => ({
      passed: Number(passed),
      failed: Number(failed),
      skipped: Number(skipped),
    })),
  );
}
