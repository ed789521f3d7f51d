import { expect, test } from "vitest";
import {
  ofCargo,
  ofJunit,
  ofPlaywright,
  ofVitest,
  skippedByPlaywright,
} from "../../setup/suites/counts.mjs";

test("vitest: a file that could not be loaded is a failure", () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults: [
      { name: "broken.test.ts", status: "failed", assertionResults: [] },
      {
        name: "a.test.ts",
        status: "failed",
        assertionResults: [
          { status: "passed", fullName: "holds" },
          { status: "failed", fullName: "breaks" },
        ],
      },
      { name: "b.test.ts", status: "passed", assertionResults: [{ status: "passed" }] },
    ],
  };
  expect(ofVitest(JSON.stringify(report))).toEqual({
    passed: 3,
    failed: 2,
    skipped: 3,
    named: ["breaks", "broken.test.ts"],
  });
});

test("pytest: errors in fixtures and collection are failures", () => {
  const xml = `<?xml version="1.0"?><testsuites name="x"><testsuite name="pytest" errors="1"
    failures="2" skipped="3" tests="10" time="1.5"><testcase classname="t.a" name="tests=&quot;99&quot;" time="1"/>
    <testcase classname="t.a" name="left" time="0"><skipped message="no" /></testcase>
    <testcase classname="t.b" name="breaks" time="0"><failure message="x">y</failure></testcase></testsuite></testsuites>`;
  expect(ofJunit(xml)).toEqual({ passed: 4, failed: 3, skipped: 3, named: ["t.b: breaks"] });
});

test("playwright: errors outside tests are failures", () => {
  /** @param {string} title @param {string} status */
  const spec = (title, status) => ({
    title,
    tests: [{ status, projectName: "pages", annotations: [] }],
  });
  const specs = [spec("holds", "expected"), spec("breaks", "unexpected"), spec("wavers", "flaky")];
  const report = {
    stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 2 },
    errors: [{}],
    suites: [{ specs }],
  };
  expect(ofPlaywright(JSON.stringify(report))).toEqual({
    passed: 5,
    failed: 2,
    skipped: 2,
    named: ["breaks in pages", "wavers in pages: passed at the second attempt"],
  });
});

test("playwright: what was left out is named, with where and why", () => {
  const passed = { status: "expected", projectName: "firefox", annotations: [] };
  const left = {
    status: "skipped",
    projectName: "webkit",
    annotations: [{ type: "skip", description: "it has no microphone" }],
  };
  const alone = { status: "skipped", projectName: "", annotations: [] };
  const report = {
    suites: [
      {
        title: "a.spec.ts",
        specs: [{ title: "alone", tests: [alone] }],
        suites: [{ title: "group", specs: [{ title: "hears", tests: [passed, left] }] }],
      },
    ],
  };
  expect(skippedByPlaywright(JSON.stringify(report))).toEqual([
    "alone: no reason given",
    "hears in webkit: it has no microphone",
  ]);
});

test("cargo: the lines of every test program are added up", () => {
  const text = `
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s
test words::breaks ... FAILED
test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s
`;
  expect(ofCargo(text)).toEqual({
    passed: 14,
    failed: 3,
    skipped: 1,
    named: ["words::breaks"],
  });
});

test("a report that is cut off is an error, never a pass", () => {
  expect(() => ofVitest('{"numPassedTests": 3')).toThrow();
  expect(() => ofPlaywright("")).toThrow();
});
