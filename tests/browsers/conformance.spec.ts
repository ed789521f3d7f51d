import { everywhere, makeCases } from "../conformance/cases.mjs";
import { described, failures } from "../conformance/judge.mjs";
import type { Case, Row } from "../conformance/run-cases.mjs";
import { serveCases } from "../conformance/server.mjs";
import { eventually, expect, test } from "./fixtures.js";

declare global {
  var runInPage: (it: Case) => Promise<Row[]>;
}

test("the engine gives what PyTorch gives", async ({ tab, drives }) => {
  test.setTimeout(600_000);
  const { cases } = makeCases();
  const { origin, close } = await serveCases();
  await tab.open(origin);
  await eventually(tab, () => "runInPage" in globalThis).toBe(true);
  for (const it of everywhere(cases)) {
    const rows = await tab.evaluate((it) => globalThis.runInPage(it), it);
    for (const row of rows) console.log(described(drives, row));
    expect(failures(rows)).toEqual([]);
  }
  close();
});
