import { DOMParser } from "@xmldom/xmldom";

/** @typedef {import("@xmldom/xmldom").Element} Element */

/** @param {string} xml a JUnit report, as pytest, Vitest and Playwright write it @returns {import("./counts.mjs").Counts} */
export function readJunit(xml) {
  const document = new DOMParser().parseFromString(xml, "text/xml");
  const tests = [...document.getElementsByTagName("testcase")];
  const first = (/** @type {Element} */ test, /** @type {string} */ tag) =>
    test.getElementsByTagName(tag)[0];
  const failed = tests.filter((test) => first(test, "failure") ?? first(test, "error"));
  const skipped = tests.filter((test) => first(test, "skipped"));
  const title = (/** @type {Element} */ test) =>
    `${test.getAttribute("classname")}: ${test.getAttribute("name")}`;
  return {
    passed: tests.length - failed.length - skipped.length,
    failed: failed.length,
    skipped: skipped.length,
    failures: failed.map(title),
    omissions: skipped.map((test) => {
      const reason =
        first(test, "skipped")?.getAttribute("message") ||
        // Playwright writes the reason as an annotation of the test.
        [...test.getElementsByTagName("property")]
          .find((property) => property.getAttribute("name") === "skip")
          ?.getAttribute("value");
      return `${title(test)}: ${reason || "no reason given"}`;
    }),
  };
}
