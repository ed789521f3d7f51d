import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { expect, test } from "../shared/page.js";
import { alive, answer, number, openWalkthrough, serveBundle, slide } from "./walkthrough.js";

const bundle = new URL("../../../dist/bundles/digits-vit/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, bundle));
const manifest = JSON.parse(read("manifest.json").toString());

const open = (page: Page, site: string, query = "") =>
  openWalkthrough(page, site, "dynamic-batch", query);

test("every number of the prose comes from the bundle or was computed", async ({ page, site }) => {
  await open(page, site);
  for (const id of ["draw", "flow", "fixed", "chain", "now"]) await alive(page, id);
  await expect(page.locator("nnef-number .failed")).toHaveCount(0);
  expect(await page.locator("nnef-number").count()).toBeGreaterThanOrEqual(12);
});

test("Start over resets the batch, figures and tasks", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "draw");
  await section.getByRole("button", { name: "A held-out digit" }).click();
  await expect(number(page, "page:batch")).toHaveText("3");
  await answer(section, 99);
  await page.getByRole("button", { name: "Start over" }).first().click();
  await expect(number(page, "page:batch")).toHaveText("2");
  await expect(section.locator(".task input")).toHaveValue("");
  await expect(section.locator(".verdict")).toHaveText("");
});

test("paper gets each figure as it was left, in ink on white", async ({ page, site }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await open(page, site);
  const flow = await alive(page, "flow");
  await slide(flow.locator("input[type=range]"), 5);
  const draw = await alive(page, "draw");
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(flow.locator(".flow-fixed").last()).toHaveText("5,10");
  for (const gone of [".controls", ".task .answer"]) {
    await expect(draw.locator(gone)).toBeHidden();
  }
  await expect(draw.locator(".task .question")).toBeVisible();
  const ink = await draw.locator("h2").evaluate((it) => getComputedStyle(it).color);
  const [red = 255] = (ink.match(/\d+/g) ?? []).map(Number);
  expect(red).toBeLessThan(80);
  // What is drawn is drawn anew: dark on white, its proportions kept.
  const { bright, ratio } = await draw
    .locator("figure canvas")
    .last()
    .evaluate((it) => {
      const canvas = it as HTMLCanvasElement;
      const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? {
        data: [255],
      };
      const inked = Array.from(data).filter((_, at) => at % 4 === 0 && (data[at + 3] ?? 0) > 200);
      const { width, height } = canvas.getBoundingClientRect();
      return { bright: Math.min(...inked), ratio: canvas.width / canvas.height / (width / height) };
    });
  expect(bright).toBeLessThan(80);
  expect(ratio).toBeCloseTo(1, 1);
});

/** The bundle with its symbol called N, and another claim of quality. */
function otherBundle(): ReadonlyMap<string, Buffer> {
  const renamed = gunzipSync(read("model.nnef.tgz"))
    .toString("latin1")
    // The same length, so that the tar's header still holds.
    .replace("tract_symbol B;", "tract_symbol N;")
    .replace("tract_assert B >= 1;", "tract_assert N >= 1;")
    .replace("shape = [B, 1, 8, 8]", "shape = [N, 1, 8, 8]");
  const files = new Map([
    ["model.nnef.tgz", gzipSync(Buffer.from(renamed, "latin1"))],
    ...["reference.safetensors", "held-out.safetensors"].map((file) => [file, read(file)] as const),
  ]);
  const other = {
    ...manifest,
    quality: { ...manifest.quality, figure: 0.5 },
    symbols: ["N"],
    asserts: ["N >= 1"],
    inputs: [{ name: "image", fact: "N,1,8,8,f32" }],
    outputs: [{ name: "logits", fact: "N,10,f32" }],
    files: [...files].map(([path, content]) => ({
      path,
      size: content.length,
      sha256: createHash("sha256").update(content).digest("hex"),
    })),
  };
  return files.set("manifest.json", Buffer.from(JSON.stringify(other)));
}

test("another bundle changes numbers and figures, the prose staying", async ({ page, site }) => {
  const files = otherBundle();
  await serveBundle(page, "other", files);
  await open(page, site, "?bundle=../../bundles/other/");
  await expect(number(page, "manifest:quality.figure")).toHaveText("0.5");
  await expect(number(page, "manifest:inputs.0.fact")).toHaveText("N,1,8,8,f32");
  const flow = await alive(page, "flow");
  await expect(flow.locator(".flow-row .flow-open").first()).toHaveText("N,1,8,8");
  await expect(flow.locator(".task .question")).toContainText("with N =");
  const fixed = await alive(page, "fixed");
  await expect(fixed.locator("pre.excerpt").first()).toContainText("tract_symbol N;");
  await slide(fixed.locator("input[type=range]"), 0);
  await expect(fixed.locator(".answer-row").nth(1)).toContainText("N >= 1, but N=0");
});
