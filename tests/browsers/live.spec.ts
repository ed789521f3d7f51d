import { rowsOf, sample, sampleFile } from "../e2e/shared/page.js";
import { eventually, expect, test } from "./fixtures.js";

const caption = () => document.querySelector("#caption")?.textContent ?? "";
const rows = () =>
  [...document.querySelectorAll("#segments tr")].map((row) =>
    [...row.querySelectorAll("td")].slice(0, 2).map((cell) => cell.textContent ?? ""),
  );

test("the live page computes the sample, then finds the same speech in the file", async ({
  tab,
  host,
}) => {
  await tab.open(host.site);
  await eventually(tab, caption).toMatch(/^Computed here: \d+ pulses in /);
  const wanted = rowsOf(sample.segments, sample.sampleRate);
  expect(await tab.evaluate(rows)).toEqual(wanted);
  await tab.choose("#file", sampleFile);
  await eventually(tab, caption).toMatch(/^sample\.wav\. Computed here: \d+ pulses in /);
  expect(await tab.evaluate(rows)).toEqual(wanted);
});

test("what the policy forbids is stopped, and these tests would hear of it", async ({
  tab,
  host,
}) => {
  await tab.open(host.site);
  await tab.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'broken into'";
    document.body.append(script);
  });
  await expect.poll(() => host.violations.join()).toContain("script-src");
  expect(await tab.evaluate(() => document.title)).not.toBe("broken into");
  host.violations.length = 0;
});
