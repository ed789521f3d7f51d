import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { loadTract, type Model } from "tract-wasm";
import { readSafetensors } from "../../conformance/tensors.mjs";
import { expect, test } from "../shared/page.js";
import { alive, answer, number, openWalkthrough, runPython, slide } from "./walkthrough.js";

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
  for (const id of ["seam", "sizes", "field", "delay", "state", "backward"]) await alive(page, id);
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
  await expect(rows.nth(1)).toContainText("at least 13");
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
    await expect(number(page, "page:selected.to")).toHaveText(String(to));
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
  await expect(section.locator(".result")).toContainText("flat");
  const said = await section.locator(".result").textContent();
  expect(Number(/([\d.e-]+), flat/.exec(said ?? "")?.[1])).toBeLessThanOrEqual(1e-5);
  await check.click();
  await expect(section.locator(".verdict")).toHaveAttribute("data-right", "true");
});

test("state fills, equals the reference, and is missed after a reset", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "state");
  const step = section.getByRole("button", { name: "Step" });
  const said = section.locator(".result");
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
  await expect(section.locator(".refused")).toContainText("scans S backwards");
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
