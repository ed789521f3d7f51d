import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { loadTract } from "tract-wasm";
import { expect, test } from "../shared/page.js";
import { alive, answer, number, openWalkthrough, serveBundle } from "./walkthrough.js";

const bundle = new URL("../../../dist/bundles/custom-deepspeech/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, bundle));
const manifest = JSON.parse(read("manifest.json").toString());

const open = (page: Page, site: string, query = "") =>
  openWalkthrough(page, site, "streaming", query);

test("Start over puts figures and tasks back", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "field");
  const surface = section.locator(".surface");
  await surface.focus();
  await page.keyboard.press("End");
  await answer(section, 99);
  await page.getByRole("button", { name: "Start over" }).first().click();
  await expect(surface).toHaveAttribute("aria-valuenow", "1");
  await expect(section.locator(".task input")).toHaveValue("");
  await expect(section.locator(".verdict")).toHaveText("");
});

test("P presents one section a screen", async ({ page, site }) => {
  await open(page, site);
  await page.keyboard.press("p");
  await expect(page.locator(".opening")).toBeVisible();
  await expect(page.locator("#seam")).toBeHidden();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator("#seam")).toBeVisible();
  await expect(page.locator(".opening")).toBeHidden();
  expect(await page.locator("#seam p.claim").evaluate((it) => getComputedStyle(it).fontSize)).toBe(
    "28px",
  );
  await page.keyboard.press("Escape");
  await expect(page.locator("#sizes")).toBeVisible();
});

test("little is fetched before the first live part is used", async ({ page, site }) => {
  let bytes = 0;
  page.on("response", async (response) => {
    if (response.url().endsWith(".nnef.tgz")) return;
    bytes += Number(response.headers()["content-length"] ?? 0);
  });
  await open(page, site);
  await expect(page.locator("#seam .seam-output").first()).toBeVisible();
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(3e6);
});

/** The bundle with a coarser pooling, cut into another pulse: its archives, its manifest. */
async function otherBundle(): Promise<ReadonlyMap<string, Buffer>> {
  const tar = gunzipSync(read("model.nnef.tgz"));
  // The same length, so that the tar's header still holds.
  const coarser = tar
    .toString("latin1")
    .replace("size = [1, 1, 2]", "size = [1, 1, 4]")
    .replace("stride = [1, 1, 2]", "stride = [1, 1, 4]");
  const model = gzipSync(Buffer.from(coarser, "latin1"));
  const tract = await loadTract();
  const whole = await tract.load(new Uint8Array(model));
  const pulsed = whole.pulse("S", 16);
  const file = "pulse-S16.nnef.tgz";
  const files = new Map<string, Buffer>([
    ["model.nnef.tgz", model],
    [file, Buffer.from(await pulsed.toNnef())],
    ["reference.safetensors", read("reference.safetensors")],
  ]);
  const entry = {
    ...manifest.pulses[0],
    file,
    pulse: 16,
    delay: Number(pulsed.properties["pulse.delay"]),
  };
  const other = {
    ...manifest,
    pulses: [entry],
    outputs: [{ name: "output", fact: whole.outputs[0]?.fact }],
    files: [...files].map(([path, content]) => ({
      path,
      size: content.length,
      sha256: createHash("sha256").update(content).digest("hex"),
    })),
  };
  tract.dispose();
  return files.set("manifest.json", Buffer.from(JSON.stringify(other)));
}

test("another bundle changes numbers and figures, the prose staying", async ({ page, site }) => {
  const files = await otherBundle();
  const { pulses, outputs } = JSON.parse(files.get("manifest.json")?.toString() ?? "");
  await serveBundle(page, "other", files);
  await open(page, site, "?bundle=../../bundles/other/");
  await expect(number(page, "windows:frames")).toHaveText(outputs[0].fact.split(",")[1]);
  await expect(number(page, "windows:2.kernel")).toHaveText("4");
  await expect(number(page, "windows:step")).toHaveText("8");
  await expect(number(page, "manifest:pulses.0.pulse")).toHaveText("16");
  await expect(number(page, "pulse:pulse.delay")).toHaveText(String(pulses[0].delay));
  const field = await alive(page, "field");
  await field.locator(".surface").focus();
  await page.keyboard.press("Home");
  await expect(field.locator(".surface")).toHaveAttribute("aria-valuetext", /frames 0 to 16$/);
  const cut = await alive(page, "pulse");
  await expect(cut.locator(".accepted")).toContainText("B,16,64,f32 → B,2,40,f32");
  await cut.getByRole("button", { name: "12", exact: true }).click();
  await expect(cut.locator(".refused")).toBeVisible();
});
