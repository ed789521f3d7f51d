import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import type { BundleManifest } from "../../../web/src/bundle/manifest.js";
import type { NnefInspector } from "../../../web/src/inspector/nnef-inspector.js";
import { expect, test } from "../shared/page.js";
import { drawn, factsThere, says, verb } from "./page.js";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const folder = new URL("../../../dist/bundles/", import.meta.url);
const python = ["../../../.venv/bin/python", "../../../.venv/Scripts/python.exe"]
  .map(path)
  .find(existsSync);

const bundles = (
  JSON.parse(readFileSync(new URL("index.json", folder), "utf8")) as { id: string; state: string }[]
)
  .filter(({ state }) => state === "ready")
  .map(({ id }) => ({
    id,
    manifest: JSON.parse(
      readFileSync(new URL(`${id}/manifest.json`, folder), "utf8"),
    ) as BundleManifest,
  }));

/** What is shown of one tensor. */
interface Numbers {
  readonly fact: string;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  readonly zeros: number;
  readonly first: readonly number[];
}

/** Every tensor of an archive, by label, as numpy computes it. */
function byNumpy(archive: string): Record<string, Numbers> {
  if (python === undefined) throw new Error("There is no .venv; `npm test` makes it.");
  const onPulse = execFileSync(python, [path("./tensors.py"), archive], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(onPulse);
}

/** The weights of the text: which wire is which file. */
const weights = (page: Page) =>
  page.locator("nnef-inspector").evaluate((element) => {
    const { view } = (element as NnefInspector).workspace;
    const nodes = view?.scopes.graph.nodes ?? [];
    return nodes.flatMap(({ id, constant }) =>
      constant?.label === undefined ? [] : [{ wire: id, label: constant.label }],
    );
  });

/** Facts of the graph's inputs and outputs, as the page has them. */
const ports = (page: Page) =>
  page.locator("nnef-inspector").evaluate((element) => {
    const { view } = (element as NnefInspector).workspace;
    const { inputs = [], outputs = [] } = view?.document.graph ?? {};
    const aliases = view?.scopes.graph.aliases;
    return [...inputs, ...outputs].map(({ name }) => ({
      name,
      fact: view?.facts.get(aliases?.get(name) ?? name),
    }));
  });

/** Selects a weight and reads its panel. */
async function shown(page: Page, wire: string, label: string): Promise<Numbers> {
  await page.locator("nnef-inspector").evaluate((element, name) => {
    (element as NnefInspector).select(name);
  }, wire);
  await expect(page.locator(".details .details-name")).toHaveText(label);
  await page.locator("nnef-tensor [data-figure=zeros]").waitFor();
  return page.locator("nnef-tensor").evaluate((panel) => {
    const number = (name: string) =>
      Number(panel.querySelector(`[data-figure=${name}]`)?.textContent?.replaceAll(",", ""));
    const values = panel.querySelector(".values")?.textContent ?? "";
    return {
      fact: panel.querySelector(".fact")?.textContent ?? "",
      min: number("min"),
      max: number("max"),
      mean: number("mean"),
      deviation: number("deviation"),
      zeros: number("zeros"),
      first: values.trim().split(/\s+/).map(Number),
    };
  });
}

for (const { id, manifest } of bundles) {
  const archives = ["model.nnef.tgz", ...manifest.pulses.map(({ file }) => file)];

  test(`${id}: text, graph and facts; each tensor's numbers are numpy's`, async ({
    page,
    site,
  }) => {
    await page.goto(`${site}inspect/?bundle=../bundles/${id}/`);
    for (const archive of archives) {
      if (archives.length > 1) {
        await page.getByRole("combobox", { name: "Archive" }).selectOption(archive);
        await drawn(page, `${manifest.title} · ${archive}`);
      } else await drawn(page, manifest.title);
      await factsThere(page);
      await expect(page.locator(".engine-line, .inspector-fault, .graph-notice")).toHaveCount(0);
      await expect(page.locator("nnef-text .cm-line").first()).toHaveText("version 1.0;");
      if (archive === "model.nnef.tgz") {
        const { inputs, outputs } = manifest;
        const claimed = [...inputs, ...outputs].map(({ name, fact }) => ({ name, fact }));
        expect(await ports(page)).toEqual(claimed);
      }

      const right = byNumpy(fileURLToPath(new URL(`${id}/${archive}`, folder)));
      const all = await weights(page);
      expect(new Set(all.map(({ label }) => label))).toEqual(new Set(Object.keys(right)));
      for (const { wire, label } of all) {
        const [got, numbers] = [await shown(page, wire, label), right[label]];
        if (!numbers) throw new Error(label);
        expect([label, got.fact, got.zeros]).toEqual([label, numbers.fact, numbers.zeros]);
        // Six digits are shown: half of the last one, and what two orders of summing differ by.
        const size = Math.max(Math.abs(numbers.min), Math.abs(numbers.max));
        const near = (value: number) => 5.1e-6 * Math.abs(value) + 1e-9 * size;
        for (const name of ["min", "max", "mean", "deviation"] as const) {
          const off = Math.abs(got[name] - numbers[name]);
          expect([label, name, off <= near(numbers[name])]).toEqual([label, name, true]);
        }
        for (const [at, value] of numbers.first.entries()) {
          const off = Math.abs((got.first[at] ?? Number.NaN) - value);
          expect([label, at, off <= near(value)]).toEqual([label, at, true]);
        }
      }
    }
  });

  test(`${id}: compared, and run to its reference, every wire held`, async ({ page, site }) => {
    await page.goto(`${site}inspect/?bundle=../bundles/${id}/`);
    await page.locator(".details-title").waitFor();
    await factsThere(page);
    await verb(page, "Compare").click();
    const [pulse] = manifest.pulses;
    const sentence = pulse
      ? new RegExp(`Pulsing ${pulse.symbol} by ${pulse.pulse} .*; nothing else changed\\.`)
      : /Nothing in this bundle streams/;
    await expect(says(page)).toContainText(sentence);

    await verb(page, "Run").click();
    await expect(says(page)).toContainText(/Pulse 0 of|Not run yet/);
    await page.getByRole("combobox", { name: "Speed" }).selectOption("60");
    await page.getByRole("button", { name: "Play" }).click();
    await expect(says(page)).toContainText(/Pulse (\d+) of \1 |Run once/);
    await expect(page.locator(".verb-says .passed").first()).toHaveText("✓ equals the reference");
    await expect(page.locator(".verb-says .passed").last()).toHaveText(/^✓ \d+ wires$/);
    await expect(page.locator(".verb-says .fault")).toHaveCount(0);
  });
}
