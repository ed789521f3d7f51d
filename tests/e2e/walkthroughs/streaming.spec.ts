import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { loadTract, type Model } from "tract-wasm";
import { readSafetensors } from "../../conformance/tensors.mjs";
import { expect, test } from "../shared/page.js";
import {
  alive,
  answer,
  number,
  openWalkthrough,
  runPython,
  serveBundle,
  slide,
} from "./walkthrough.js";

const bundle = new URL("../../../dist/bundles/custom-deepspeech/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, bundle));
const manifest = JSON.parse(read("manifest.json").toString());
const [made] = manifest.pulses as { pulse: number; delay: number; file: string }[];
const { pulse, delay } = made as { pulse: number; delay: number };

/** PyTorch's output for the reference's first strip: the probability of an event, frame by frame. */
function expectedEvents(): number[] {
  const output = readSafetensors(read("reference.safetensors")).get("output");
  const [, frames = 0, classes = 0] = output?.shape ?? [];
  return Array.from(
    { length: frames },
    (_, frame) => 1 - Math.exp(Number(output?.data[frame * classes])),
  );
}

const events = expectedEvents();
const firstPeak = events.findIndex((value) => value > 0.5);

const open = (page: Page, site: string, query = "") =>
  openWalkthrough(page, site, "streaming", query);

test("every number of the prose comes from the bundle", async ({ page, site }) => {
  await open(page, site);
  for (const id of ["sizes", "field", "delay", "state", "backward"]) await alive(page, id);
  const numbers = page.locator("nnef-number");
  expect(await numbers.count()).toBeGreaterThanOrEqual(12);
  await expect(page.locator("nnef-number .failed")).toHaveCount(0);
  await expect(async () => {
    expect((await numbers.locator(".number").allTextContents()).filter((it) => it === "–")).toEqual(
      [],
    );
  }).toPass();
  const tract = await loadTract();
  const whole = await tract.load(read("model.nnef.tgz"));
  await expect(number(page, "windows:frames")).toHaveText(String(whole.outputs[0]?.shape[1]));
  await expect(number(page, "pulse:pulse.delay")).toHaveText(String(delay));
  await expect(number(page, "manifest:inputs.0.fact")).toHaveText(whole.inputs[0]?.fact ?? "");
  tract.dispose();
  await number(page, "pulse:pulse.delay").focus();
  await expect(page.locator("nnef-number .where:visible")).toHaveText(
    /^pulse-S\d+ · pulse\.delay$/,
  );
});

test("a fixed export takes one length, the dynamic one all from the least on", async ({
  page,
  site,
}) => {
  await open(page, site);
  const section = await alive(page, "sizes");
  const rows = section.locator(".answer-row");
  await expect(rows.nth(1)).toContainText("gives 1,22,40,f32");
  const slider = section.locator("input[type=range]");
  await slide(slider, 57);
  await expect(rows.nth(0)).toContainText("1,57,64,f32 given, 1,100,64,f32 needed");
  await expect(rows.nth(1)).toContainText("gives 1,12,40,f32");
  await slide(slider, 12);
  await expect(rows.nth(1)).toContainText("13 is the least");
  await expect(await answer(section, 12)).toContainText("max_pool 2/2 gets 1, and needs 2");
  await expect(await answer(section, 13)).toHaveAttribute("data-right", "true");
});

test("an output cell lights the input it is made of", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "field");
  const surface = section.locator(".surface");
  await surface.focus();
  // By kernels and strides of the architecture: what a pool cell sees, then its convolutions.
  const seen = (frame: number) => {
    const pool = [2 * frame, 2 * frame + 1];
    const second = pool.flatMap((at) => [0, 1, 2, 3, 4].map((tap) => at + tap));
    const first = second.flatMap((at) => [0, 1, 2].map((tap) => 2 * at + tap));
    return [Math.min(...first), Math.max(...first)];
  };
  await page.keyboard.press("Home");
  for (const frame of [0, 1, 2]) {
    const [from, to] = seen(frame);
    await expect(surface).toHaveAttribute("aria-valuenow", String(frame));
    await expect(surface).toHaveAttribute("aria-valuetext", new RegExp(`frames ${from} to ${to}$`));
    await expect(number(page, "page:held.to")).toHaveText(String(to));
    await page.keyboard.press("ArrowRight");
  }
  const box = await surface.boundingBox();
  if (!box) throw new Error("the figure has no box");
  const before = await surface.locator("canvas").screenshot();
  await page.mouse.move(box.x + box.width * 0.25, box.y + 280);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.95, box.y + 280, { steps: 5 });
  await page.mouse.up();
  await expect(surface).toHaveAttribute("aria-valuenow", "4");
  expect((await surface.locator("canvas").screenshot()).equals(before)).toBe(false);
  await expect(await answer(section, 7)).toContainText("the strides alone");
  await expect(await answer(section, 5)).toHaveAttribute("data-right", "true");
});

test("the engine cuts the model here, and refuses as it does in Node", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "pulse");
  const tract = await loadTract();
  const whole = await tract.load(read("model.nnef.tgz"));
  for (const size of [4, 8, 16]) {
    await section.getByRole("button", { name: String(size), exact: true }).click();
    const cut: Model = whole.pulse("S", size);
    await expect(section.locator(".accepted")).toContainText(
      `${cut.inputs[0]?.fact} → ${cut.outputs[0]?.fact}, delay ${cut.properties["pulse.delay"]}`,
    );
  }
  await section.getByRole("button", { name: "6", exact: true }).click();
  let refusal = "";
  try {
    whole.pulse("S", 6);
  } catch (error) {
    refusal = (error as Error).message;
  }
  expect(refusal).not.toBe("");
  await expect(section.locator(".refused")).toContainText(refusal);
  tract.dispose();
  await expect(await answer(section, 14)).toContainText("14 = 3 × 4 + 2");
  await expect(await answer(section, 16)).toHaveAttribute("data-right", "true");
});

test("what pulsing changed is counted by the inspector's own comparison", async ({
  page,
  site,
}) => {
  await open(page, site);
  const section = await alive(page, "changes");
  await expect(section.locator(".verb-says")).toContainText("added 3 delay ops");
  const lines = section.locator('[data-excerpt="pulse"]').first().locator(".excerpt-line");
  const text = gunzipSync(read(manifest.pulses[0].file)).toString("latin1");
  await expect(lines).toHaveCount((text.match(/= tract_pulse_delay\(/g) ?? []).length);
  await expect(await answer(section, 4)).toContainText("it needs 6");
  await expect(await answer(section, 5)).toHaveAttribute("data-right", "true");
});

test("moved by the delay, the pulsed curve is the whole one", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "delay");
  await expect(number(page, "page:peak.whole")).toHaveText(String(firstPeak));
  await expect(number(page, "page:peak.pulsed")).toHaveText(String(firstPeak + delay));
  const check = section.getByRole("button", { name: "Check" });
  await check.click();
  await expect(section.locator(".verdict")).toContainText(`${delay} frames too late`);
  await slide(section.locator("input[type=range]"), delay);
  await expect(section.locator(".said")).toContainText("flat");
  const said = await section.locator(".said").textContent();
  expect(Number(/([\d.e-]+), flat/.exec(said ?? "")?.[1])).toBeLessThanOrEqual(1e-5);
  await check.click();
  await expect(section.locator(".verdict")).toHaveAttribute("data-right", "true");
});

test("state fills, equals the reference, and is missed after a reset", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "state");
  const step = section.getByRole("button", { name: "Step" });
  const said = section.locator(".said");
  const steps = async (from: number, to: number) => {
    for (let at = from; at <= to; at++) {
      await step.click();
      await expect(said).toContainText(`Pulse ${at} of`);
    }
  };
  await steps(1, 6);
  const perPulse = pulse / 4;
  await expect(said).toContainText(`${6 * perPulse - delay} valid frames`);
  await expect(said).toContainText("all equal the reference");
  await section.getByRole("button", { name: "Reset state" }).click();
  await expect(section.locator("canvas")).toHaveAttribute("aria-label", /0 of 4 cells filled/);
  await steps(7, 13);
  await expect(number(page, "page:state.off")).not.toHaveText("0");
  await section.getByRole("button", { name: "Start over" }).click();
  await expect(said).toContainText("Press Step");
  await expect(await answer(section, 1)).toContainText("still padding");
  await expect(await answer(section, delay)).toHaveAttribute("data-right", "true");
});

test("a layer that reads from the end is refused, and garbage by hand", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "backward");
  await expect(section.locator(".refused")).toContainText("reads S from its end");
  const off = number(page, "page:backward.off");
  await expect(off).toHaveText(/\d/);
  expect(
    Number(await off.textContent().then((text) => /[\d.]+/.exec(text ?? "")?.[0])),
  ).toBeGreaterThan(0.1);
  await expect(await answer(section, 20)).toContainText("output frame 0 moves by");
  await expect(await answer(section, 99)).toHaveAttribute("data-right", "true");
  await section.getByRole("button", { name: "forwards" }).click();
  await expect(section.locator(".accepted")).toBeVisible();
});

test("the Python of the page streams the reference and equals PyTorch", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "yourself");
  const last = (await runPython(section, "frames compared with PyTorch")).at(-1) ?? "";
  const [, frames, error] = /^(\d+) frames .* difference ([\d.e-]+)$/.exec(last) ?? [];
  expect(Number(frames)).toBe(events.length);
  expect(Number(error)).toBeLessThanOrEqual(1e-4);
  await expect(await answer(section, 2)).toHaveAttribute("data-right", "true");
});

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
  await expect(page.locator("#sizes")).toBeHidden();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator("#sizes")).toBeVisible();
  await expect(page.locator(".opening")).toBeHidden();
  expect(await page.locator("#sizes p.claim").evaluate((it) => getComputedStyle(it).fontSize)).toBe(
    "28px",
  );
  await page.keyboard.press("Escape");
  await expect(page.locator("#field")).toBeVisible();
});

test("little is fetched before the first live part is used", async ({ page, site }) => {
  let bytes = 0;
  page.on("response", async (response) => {
    if (response.url().endsWith(".nnef.tgz")) return;
    bytes += Number(response.headers()["content-length"] ?? 0);
  });
  await open(page, site);
  await expect(page.locator("#sizes .answer-row").first()).toBeVisible();
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
