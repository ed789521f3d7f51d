import { expect, test } from "vitest";
import { readCargo, sum } from "../../setup/suites/counts.mjs";
import { readJunit } from "../../setup/suites/junit.mjs";

test("JUnit: failures, and errors in fixtures and collection, are failures", () => {
  const xml = `<?xml version="1.0"?><testsuites name="x"><testsuite name="pytest" errors="1"
    failures="1" skipped="1" tests="4"><testcase classname="t.a" name="tests=&quot;99&quot;" time="1"/>
    <testcase classname="t.a" name="left" time="0"><skipped message="no sound" /></testcase>
    <testcase classname="t.b" name="broken" time="0"><error message="x">y</error></testcase>
    <testcase classname="t.b" name="a &lt; b" time="0"><failure message="x"><![CDATA[</testcase>]]></failure></testcase>
    </testsuite></testsuites>`;
  expect(readJunit(xml)).toEqual({
    passed: 1,
    failed: 2,
    skipped: 1,
    failures: ["t.b: broken", "t.b: a < b"],
    omissions: ["t.a: left: no sound"],
  });
});

test("JUnit: Playwright names the reason of a skipped test as an annotation", () => {
  const xml = `<testsuites><testsuite name="live.spec.ts" hostname="webkit" tests="2">
    <testcase name="listens" classname="live.spec.ts"><properties><property name="skip"
    value="it has no microphone"></property></properties><skipped></skipped></testcase>
    <testcase name="opens" classname="live.spec.ts"><skipped></skipped></testcase></testsuite></testsuites>`;
  expect(readJunit(xml).omissions).toEqual([
    "live.spec.ts: listens: it has no microphone",
    "live.spec.ts: opens: no reason given",
  ]);
});

test("cargo: the sum of all its test binaries, and the names of failures", () => {
  const text = `test a::b ... ok
test a::c ... FAILED
test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: ok. 7 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s`;
  expect(readCargo(text)).toMatchObject({
    passed: 8,
    failed: 1,
    skipped: 2,
    failures: ["a::c"],
  });
});

test("a sum keeps every name", () => {
  const one = { passed: 1, failed: 1, skipped: 0, failures: ["a"] };
  expect(sum([one, { ...one, failures: ["b"] }])).toMatchObject({
    passed: 2,
    failed: 2,
    failures: ["a", "b"],
  });
});
