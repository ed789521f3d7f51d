/**
 * What a runner found.
 *
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} [failures] a line for each failed test
 * @property {readonly string[]} [omissions] a line for each skipped test, with the reason
 */

/** @param {readonly Counts[]} all @returns {Required<Counts>} */
export const sum = (all) => ({
  passed: all.reduce((total, { passed }) => total + passed, 0),
  failed: all.reduce((total, { failed }) => total + failed, 0),
  skipped: all.reduce((total, { skipped }) => total + skipped, 0),
  failures: all.flatMap(({ failures = [] }) => failures),
  omissions: all.flatMap(({ omissions = [] }) => omissions),
});

/** @param {Counts} counts */
export const print = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** @param {string} text what `cargo test` printed: libtest has no stable report @returns {Counts} */
export function readCargo(text) {
  const lines = text.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm);
  const failures = text.matchAll(/^test (.+) \.\.\. FAILED$/gm);
  return {
    ...sum(
      Array.from(lines, ([, passed, failed, skipped]) => ({
        passed: Number(passed),
        failed: Number(failed),
        skipped: Number(skipped),
      })),
    ),
    failures: Array.from(failures, ([, name = ""]) => name),
  };
}
