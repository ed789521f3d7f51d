import { bundles } from "./bundles.js";
import type { Tab } from "./drive/tab.js";
import { eventually, expect, test } from "./fixtures.js";

const busy = () => document.querySelector(".graph-stage")?.getAttribute("aria-busy");
const text = (selector: string) => document.querySelector(selector)?.textContent ?? "";
const says = () => document.querySelector(".verb-says")?.textContent?.trim() ?? "";

async function press(tab: Tab, name: string) {
  await tab.click(".verb-controls button", name);
}

for (const { name, manifest } of bundles) {
  test(`${name} is read, and its run equals the reference`, async ({ tab, host }) => {
    test.setTimeout(240_000);
    await tab.open(`${host.site}inspect/?bundle=../bundles/${name}/`);
    await eventually(tab, busy).toBe("false");
    await eventually(tab, text, "nnef-text").toContain("version 1.0");
    expect(await tab.evaluate(text, ".details-title")).toContain(manifest.title);
    await tab.click(".verbs button", "Run");
    await expect
      .poll(() => tab.evaluate(says), { timeout: 60_000 })
      .toMatch(/^(Not run yet|Pulse 0 of [1-9]\d*) · reference/);
    await tab.evaluate(() => {
      const speed = document.querySelector<HTMLSelectElement>("select[aria-label=Speed]");
      if (!speed) throw new Error("there is no choice of speed");
      speed.value = "60";
      speed.dispatchEvent(new Event("change"));
    });
    await press(tab, "Play");
    await expect
      .poll(() => tab.evaluate(says), { timeout: 120_000 })
      .toMatch(/^(Run once|Pulse (\d+) of \2) · reference/);
    expect(await tab.evaluate(says)).toContain("✓ equals the reference");
  });
}
