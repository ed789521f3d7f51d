import { readFileSync } from "node:fs";
import { test } from "../shared/page.js";
import { holdsTogether, openWalkthrough } from "./walkthrough.js";

const listed = JSON.parse(
  readFileSync(new URL("../../../demos/walkthroughs.json", import.meta.url), "utf8"),
) as { id: string }[];

for (const { id } of listed) {
  for (const width of [1280, 390]) {
    test(`${id}: axe finds nothing serious, nothing sticks out: ${width} px`, async ({
      page,
      site,
    }) => {
      await page.setViewportSize({ width, height: 844 });
      await openWalkthrough(page, site, id);
      await holdsTogether(page, width);
    });
  }
}
