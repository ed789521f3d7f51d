import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "@playwright/test";
import { loadTract, type Trace, tensor } from "tract-wasm";
import { expect, sampleFile, test } from "../shared/page.js";
import { alive, answer, number, openWalkthrough, slide as slideTo } from "./walkthrough.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const bundles = join(root, "dist/bundles");
const FRAME = 512;

/** Of an answer: engine against onnxruntime, and the digits the page shows. */
const TOLERANCE = 1.5e-4;
const RESET = 45;

/** Rules set by hand, and as the package's function calls them. */
const RULES = [
  [{}, {}],
  [{ minSilenceMs: 900 }, { min_silence_duration_ms: 900 }],
  [
    { threshold: 0.2, minSpeechMs: 30, speechPadMs: 0 },
    { threshold: 0.2, min_speech_duration_ms: 30, speech_pad_ms: 0 },
  ],
  [
    { threshold: 0.6, negThreshold: 0.9, speechPadMs: 200, minSilenceMs: 30 },
    { threshold: 0.6, neg_threshold: 0.9, speech_pad_ms: 200, min_silence_duration_ms: 30 },
  ],
  [{ minSpeechMs: 2000 }, { min_speech_duration_ms: 2000 }],
] as const;

interface Reference {
  readonly probabilities: readonly number[];
  readonly reset: readonly number[];
  readonly spans: readonly (readonly [number, number])[][];
  readonly agreement: number;
}

let reference: Reference;

test.beforeAll(async () => {
  const script = join(root, "tests/e2e/walkthroughs/python/vad_reference.py");
  const asked = { rules: RULES.map(([, named]) => named), reset: RESET };
  reference = await new Promise((resolve, reject) => {
    const python = execFile(
      join(root, ".venv/bin/python"),
      [script, sampleFile, bundles],
      { maxBuffer: 2 ** 26 },
      (error, stdout) => (error ? reject(error) : resolve(JSON.parse(stdout))),
    );
    python.stdin?.end(JSON.stringify(asked));
  });
});

const open = (page: Page, site: string) => openWalkthrough(page, site, "vad");

const read = async (page: Page, path: string): Promise<number> =>
  Number.parseFloat((await number(page, path).textContent()) ?? "");

/** A range by its name. */
const slide = (section: Locator, name: string, value: number) =>
  slideTo(section.getByRole("slider", { name, exact: true }), value);

const spansOf = async (section: Locator): Promise<unknown> =>
  JSON.parse((await section.locator("[data-spans]").getAttribute("data-spans")) ?? "[]");

const ids = ["frame", "threshold", "models", "state", "time", "live", "embed", "yourself"];

test("every number of the prose is read or computed", async ({ page, site }) => {
  await open(page, site);
  for (const id of ids) await alive(page, id);
  await expect(page.locator("nnef-number .failed")).toHaveCount(0);
  await expect(async () => {
    const texts = await page.locator("nnef-number .number").allTextContents();
    expect(texts.length).toBeGreaterThanOrEqual(40);
    expect(texts.filter((text) => text === "–")).toEqual([]);
  }).toPass();
  const spoken = JSON.parse(await readFile(join(root, "web/site/sample/spoken.json"), "utf8"));
  expect(await read(page, "page:spoken")).toBe(spoken.length);
  await number(page, "page:cut.context").focus();
  await expect(page.locator("nnef-number .where:visible")).toHaveText(/graph\.nnef$/);
});

test("a frame held tells its samples and the answer onnxruntime gives", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "frame");
  const surface = section.locator(".surface");
  await surface.focus();
  await page.keyboard.press("Home");
  for (const frame of [0, 1, 2, 12, 22, 32]) {
    if (frame > 2) await page.keyboard.press("PageUp");
    await expect(surface).toHaveAttribute("aria-valuenow", String(frame));
    const p = await read(page, "page:selected.p");
    expect(Math.abs(p - (reference.probabilities[frame] ?? -1))).toBeLessThanOrEqual(TOLERANCE);
    expect(await read(page, "page:selected.from")).toBe(frame * FRAME);
    expect(await read(page, "page:selected.first")).toBe(Math.max(0, frame * FRAME - 64));
    if (frame < 2) await page.keyboard.press("ArrowRight");
  }
  const box = await surface.boundingBox();
  if (!box) throw new Error("the figure has no box");
  const before = await surface.locator("canvas").screenshot();
  await page.mouse.move(box.x + box.width * 0.1, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
  await page.mouse.up();
  const held = Math.floor(0.5 * reference.probabilities.length);
  await expect(surface).toHaveAttribute("aria-valuenow", String(held));
  expect((await surface.locator("canvas").screenshot()).equals(before)).toBe(false);
  await expect(await answer(section, 100 * FRAME)).toContainText("The 64 kept ones");
  await expect(await answer(section, 51_000)).toContainText("came in with pulse 99");
  await expect(await answer(section, 100 * FRAME - 64)).toHaveAttribute("data-right", "true");
});

test("what the page says of a pulse's parts is what the engine keeps and computes", async ({
  page,
  site,
}) => {
  await open(page, site);
  await alive(page, "frame");
  const trace = await traced("silero-vad");
  const kept = trace.nodes.find(({ state }) => state?.kind === "delay")?.state;
  const buffer = kept?.kind === "delay" ? kept.buffer : undefined;
  const spectrum = trace.nodes.find(({ op }) => op === "Conv")?.outputs[0];
  expect(await read(page, "page:cut.context")).toBe(buffer?.data.length);
  expect(await read(page, "page:cut.windows")).toBe(spectrum?.shape.at(-1));
});

/** One pulse of silence, every operation of the text apart. */
async function traced(bundle: string): Promise<Trace> {
  const manifest = JSON.parse(await readFile(join(bundles, bundle, "manifest.json"), "utf8"));
  const tract = await loadTract();
  const model = await tract.load(await readFile(join(bundles, bundle, manifest.pulses[0].file)));
  const [input] = model.inputs;
  const shape = input?.shape.map(Number) ?? [];
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const trace = model
    .prepare({ optimize: false })
    .trace({ [input?.name ?? ""]: tensor(data, shape) });
  tract.dispose();
  return trace;
}

test("rules moved by hand make the spans silero's own function makes", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "threshold");
  for (const [at, [rules]] of RULES.entries()) {
    await page.getByRole("button", { name: "Start over" }).first().click();
    for (const [name, value] of Object.entries(rules)) await slide(section, name, value);
    await expect
      .poll(() => spansOf(section), { message: JSON.stringify(rules) })
      .toEqual(reference.spans[at]);
  }
  await page.getByRole("button", { name: "Start over" }).first().click();
  const spoken = JSON.parse(await readFile(join(root, "web/site/sample/spoken.json"), "utf8"));
  const [found = []] = reference.spans;
  expect(await read(page, "page:missed")).toBe(
    Math.round(outside(spoken, asStretches(found)) / 16),
  );
  expect(await read(page, "page:extra")).toBe(Math.round(outside(asStretches(found), spoken) / 16));
  await expect(await answer(section)).toContainText("3 spans. The nearest two are");
  await slide(section, "minSilenceMs", 900);
  await expect(await answer(section)).toHaveAttribute("data-right", "true");
  await slide(section, "minSpeechMs", 3000);
  await expect(await answer(section)).toHaveAttribute("data-right", "false");
});

interface Stretch {
  readonly start: number;
  readonly end: number;
}
const asStretches = (spans: readonly (readonly [number, number])[]): Stretch[] =>
  spans.map(([start, end]) => ({ start, end }));

/** Samples of `these` in none of `those`, counted one by one. */
function outside(these: readonly Stretch[], those: readonly Stretch[]): number {
  const last = Math.max(...these.map(({ end }) => end));
  const within = (list: readonly Stretch[], at: number) =>
    list.some(({ start, end }) => at >= start && at < end);
  let count = 0;
  for (let at = 0; at < last; at++) if (within(these, at) && !within(those, at)) count += 1;
  return count;
}

test("two models agree once the delay is taken off, as much as natively and whole", async ({
  page,
  site,
}) => {
  await open(page, site);
  const section = await alive(page, "models");
  const corrected = await read(page, "page:agree.corrected");
  expect(Math.abs(corrected / 100 - reference.agreement)).toBeLessThanOrEqual(0.002);
  expect(await read(page, "page:agree.raw")).toBeLessThan(corrected - 10);
  const manifest = JSON.parse(await readFile(join(bundles, "marblenet-vad/manifest.json"), "utf8"));
  const [{ delay }] = manifest.pulses;
  await expect(number(page, "pulse:pulse.delay")).toHaveText(String(delay));
  await slide(section, "Take off", delay - 20);
  await expect(await answer(section)).toContainText("200 ms too late");
  await slide(section, "Take off", delay + 10);
  await expect(await answer(section)).toContainText("100 ms too early");
  await slide(section, "Take off", delay);
  await expect(section.locator(".result")).toContainText(`${corrected.toFixed(1)} %`);
  await expect(await answer(section)).toHaveAttribute("data-right", "true");
});

test("a reset in mid-stream is felt as long as onnxruntime's is", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "state");
  await slide(section, "Reset before pulse", RESET);
  await expect(page.locator('nnef-number[path="page:felt.pulses"]')).toHaveText(/\d/);
  const off = reference.reset
    .slice(0, 64)
    .map((p, at) => Math.abs(p - (reference.probabilities[RESET + at] ?? 0)));
  const felt = off.findLastIndex((each) => each > 0.05) + 1;
  await expect(section.locator(".result")).toContainText(`for ${felt} pulses`);
  expect(Math.abs((await read(page, "page:felt.most")) - Math.max(...off))).toBeLessThan(0.006);
  expect(await read(page, "page:kept.samples")).toBe(64);
  expect(await read(page, "page:kept.outputs")).toBe(128);
  const delays = (await traced("marblenet-vad")).nodes.flatMap(({ state }) =>
    state?.kind === "delay" && state.buffer ? [state.buffer.data.length] : [],
  );
  await expect(number(page, "page:other.delays")).toHaveText(String(delays.length));
  const values = delays.reduce((sum, each) => sum + each, 0);
  await expect(number(page, "page:other.values")).toHaveText(String(values));
  const surface = section.locator(".surface");
  await surface.focus();
  await page.keyboard.press("Home");
  const first = reference.probabilities[0]?.toFixed(3);
  await expect(surface).toHaveAttribute("aria-valuetext", `pulse 0, probability ${first}`);
  await expect(await answer(section)).toContainText(`off by ${Math.max(...off).toFixed(2)}`);
  await expect(section.locator(".verdict")).toHaveAttribute("data-right", "false");
  // One pulse of silence is all there is to forget there.
  await slide(section, "Reset before pulse", 1);
  await expect(section.locator(".result")).toContainText("for 0 pulses");
  await expect(await answer(section)).toHaveAttribute("data-right", "true");
});

test("time per pulse is measured, plotted and set against real time", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "time");
  await expect(page.locator('nnef-number[path="page:pace.other"]')).toHaveText(/\d/);
  const ms = await read(page, "page:pace.ms");
  const share = await read(page, "page:pace.share");
  expect(ms).toBeGreaterThan(0);
  // Both are shown in two digits.
  expect(Math.abs(share / ((100 * ms) / 32) - 1)).toBeLessThan(0.11);
  const canvas = section.locator("canvas");
  const before = await canvas.screenshot();
  await section.getByRole("button", { name: "Measure again" }).click();
  await expect.poll(async () => (await canvas.screenshot()).equals(before)).toBe(false);
  await expect(await answer(section, 1)).toContainText("more streams fit");
  await expect(await answer(section, 1e9)).toContainText("the next ones come after 32 ms");
});

test("the end of speech is told when the rules make it certain", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "live");
  // Silero's rule: the frame that begins at least 100 ms into the silence, which is its fifth.
  const frames = Math.ceil(1600 / FRAME) + 1;
  await expect(await answer(section, frames - 1)).toHaveAttribute("data-right", "false");
  await expect(await answer(section, frames)).toHaveAttribute("data-right", "true");
});

test("each way in finds in the sample what silero's function finds by its attributes", async ({
  page,
  site,
}) => {
  await open(page, site);
  const section = await alive(page, "embed");
  for (const way of ["Script tag", "Element", "Frame", "npm"]) {
    await section.getByRole("button", { name: way, exact: true }).click();
    await slide(section, "min-silence-ms", 100);
    await expect.poll(() => spansOf(section), { message: way }).toEqual(reference.spans[0]);
    await slide(section, "min-silence-ms", 900);
    await expect.poll(() => spansOf(section), { message: way }).toEqual(reference.spans[1]);
    await expect(section.locator(".listing code")).toContainText(/900/);
  }
  await slide(section, "min-silence-ms", 100);
  await expect(await answer(section)).toHaveAttribute("data-right", "false");
  await slide(section, "min-speech-ms", 2000);
  await expect.poll(() => spansOf(section)).toEqual(reference.spans[4]);
  await expect(await answer(section)).toHaveAttribute("data-right", "true");
  await section.getByRole("button", { name: "Frame", exact: true }).click();
  await section.getByLabel("theme").selectOption("dark");
  await expect(section.locator("iframe")).toHaveAttribute("src", /theme=dark/);
});
