import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { loadTract, type TractError, tensor } from "tract-wasm";
import { VOCABULARY } from "../../../demos/kv-cache/model/decoder.ts";
import { idsOf } from "../../../demos/kv-cache/model/sentences.ts";
import { expect, test } from "../shared/page.js";
import { alive, answer, number, openWalkthrough, sectionIds, slide } from "./walkthrough.js";

const bundles = fileURLToPath(new URL("../../../dist/bundles/", import.meta.url));
const manifestOf = (id: string) =>
  JSON.parse(readFileSync(`${bundles}${id}/manifest.json`, "utf8"));
const sentences = [
  "the cat sat on the mat",
  "it purred",
  "then it left and nobody saw where it went",
];
/** Rows of ALBERT's table of tokens. */
const words = 1000;

interface Reference {
  readonly vocabulary: string;
  readonly heldOut: [number, number][];
  readonly wrong: [number, number][];
  readonly odds: number[];
  readonly masked: { batch: number; padded: number };
  readonly unmasked: { batch: number; padded: number };
}

let reference: Reference;
test.beforeAll(async () => {
  const here = fileURLToPath(new URL("./", import.meta.url));
  const python = [
    `${here}../../../.venv/bin/python`,
    `${here}../../../.venv/Scripts/python.exe`,
  ].find(existsSync);
  if (python === undefined) throw new Error("There is no .venv; `npm test` makes it.");
  const ids = JSON.stringify(sentences.map((each) => idsOf(each, words)));
  const { stdout } = await promisify(execFile)(
    python,
    [`${here}python/kv_cache_reference.py`, bundles, ids],
    { env: { ...process.env, PYTHONPATH: `${here}../../../exporter` } },
  );
  reference = JSON.parse(stdout);
});

const open = (page: Page, site: string) => openWalkthrough(page, site, "kv-cache");

/** What a number of the page says, as a number. */
const shownBy = async (page: Page, path: string) =>
  Number(/[\d.e-]+/.exec((await number(page, path).textContent()) ?? "")?.[0]);

test("every number of the prose comes from its bundle", async ({ page, site }) => {
  await open(page, site);
  for (const id of await sectionIds(page)) await alive(page, id);
  const numbers = page.locator("nnef-number");
  await expect(page.locator("nnef-number .failed")).toHaveCount(0);
  await expect(async () => {
    expect((await numbers.locator(".number").allTextContents()).filter((it) => it === "–")).toEqual(
      [],
    );
  }).toPass();
  const [albert, adder] = [manifestOf("albert"), manifestOf("kv-cache-lm")];
  // Each section's own bundle: the same path is another number further down.
  const inside = (section: string, path: string) =>
    page.locator(`#${section} nnef-number[path="${path}"] .number`).first();
  await expect(inside("inputs", "manifest:inputs.0.fact")).toHaveText(albert.inputs[0].fact);
  await expect(inside("cache", "manifest:inputs.0.fact")).toHaveText(adder.inputs[0].fact);
  await expect(number(page, "manifest:quality.figure")).toHaveText(String(adder.quality.figure));
});

test("sizes are the same in every input, and bounded, as the engine says", async ({
  page,
  site,
}) => {
  await open(page, site);
  const section = await alive(page, "inputs");
  const said = section.locator(".result");
  await expect(said).toContainText("gives 2,7,64,f32");
  const off = /within ([\d.e-]+)/.exec((await said.textContent()) ?? "")?.[1];
  expect(Number(off)).toBeLessThanOrEqual(1e-5);
  const sliders = section.locator("input[type=range]");
  await slide(sliders.nth(0), 3);
  await slide(sliders.nth(1), 20);
  await expect(said).toContainText("gives 3,20,64,f32");
  await section.getByRole("button", { name: "attention_mask" }).click();
  await expect(said).toContainText("attention_mask: axis 1 is 21");
  await section.getByRole("button", { name: "attention_mask" }).click();
  await slide(sliders.nth(1), 512);
  await expect(said).toContainText("gives 3,512,64,f32");
  await slide(sliders.nth(1), 513);
  await expect(said).toContainText(/S <= 512.*S=513/);
  await expect(await answer(section, 511)).toContainText("S=512 meets every assert");
  await expect(await answer(section, 512)).toHaveAttribute("data-right", "true");
});

test("padding and batch change nothing, unless the mask is gone", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "padding");
  const said = section.locator(".result");
  await expect(said).toHaveAttribute("data-right", "true");
  for (const way of ["batch", "padded"] as const) {
    expect(await shownBy(page, `page:padding.${way}`)).toBeLessThanOrEqual(1e-5);
    expect(reference.masked[way]).toBeLessThanOrEqual(1e-5);
  }
  await section.getByRole("button", { name: "Take the mask away" }).click();
  await expect(said).toHaveAttribute("data-right", "false");
  for (const way of ["batch", "padded"] as const) {
    const right = reference.unmasked[way];
    expect(right).toBeGreaterThan(1e-3);
    expect(Math.abs((await shownBy(page, `page:padding.${way}`)) / right - 1)).toBeLessThan(0.02);
  }
  await section.getByRole("button", { name: "Put the mask back" }).click();
  await expect(said).toHaveAttribute("data-right", "true");
  const lengths = sentences.map((each) => each.split(" ").length);
  const padding = lengths.reduce((sum, each) => sum + Math.max(...lengths) - each, 0);
  await expect(await answer(section, padding + 1)).toHaveAttribute("data-right", "false");
  await expect(await answer(section, padding)).toHaveAttribute("data-right", "true");
  await section.getByRole("textbox", { name: "Sentence 2" }).fill("it purred for a while");
  await expect(said).toHaveAttribute("data-right", "true");
  await expect(await answer(section, padding)).toHaveAttribute("data-right", "false");
  await expect(await answer(section, padding - 3)).toHaveAttribute("data-right", "true");
});

test("the model answers token by token, its cache equal to reading again", async ({
  page,
  site,
}) => {
  await open(page, site);
  const section = await alive(page, "cache");
  const said = section.locator(".result");
  const canvas = section.locator("canvas");
  await expect(said).toContainText("Read 6 tokens in one run after 0");
  const label = (await canvas.getAttribute("aria-label")) ?? "";
  const odds = label.split(". ").at(-1)?.split(", ") ?? [];
  for (const [at, share] of reference.odds.entries()) {
    const [token, percent] = odds[at]?.split(" ") ?? [];
    expect(token).toBe(VOCABULARY[at]);
    expect(Math.abs(Number(percent) - 100 * share)).toBeLessThanOrEqual(0.6);
  }
  const step = section.getByRole("button", { name: "Step" });
  await step.click();
  await expect(number(page, "page:cache.positions")).toHaveText("7");
  await step.click();
  await expect(said).toContainText("✓ 27 + 45 is 72");
  await expect(number(page, "page:cache.positions")).toHaveText("8");
  await expect(canvas).toHaveAttribute("aria-label", /^8 positions kept in each of 3 layers/);
  expect(await shownBy(page, "page:cache.again")).toBeLessThanOrEqual(1e-4);
  const entry = section.getByRole("textbox", { name: /sum/ });
  await entry.fill("8+99");
  await entry.press("Enter");
  await expect(entry).toHaveValue("08+99=");
  await section.getByRole("button", { name: "Play" }).click();
  await expect(said).toContainText("✓ 8 + 99 is 107");
  await entry.fill("hello");
  await entry.press("Enter");
  await expect(said).toContainText("not “hello”");
  await expect(await answer(section, 3 * 4 * 9 * 32)).toContainText("are the keys");
  await expect(await answer(section, 2 * 3 * 4 * 9 * 32)).toHaveAttribute("data-right", "true");
});

test("modes: facts and refusals are the engine's own", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "modes");
  const tract = await loadTract();
  const whole = await tract.load(
    new Uint8Array(readFileSync(`${bundles}kv-cache-lm/model.nnef.tgz`)),
  );
  const forms = [whole, whole.setSymbols({ P: 0 }), whole.setSymbols({ S: 1 })];
  const columns = await section.locator(".facts thead th").allTextContents();
  expect(columns.slice(1)).toEqual(["as it is", "pp: P==0", "tg: S==1"]);
  for (const [at, { inputs, outputs }] of forms.entries()) {
    const column = section.locator(`.facts tbody td:nth-of-type(${at + 1})`);
    const facts = [...inputs, ...outputs].map(({ fact }) => fact);
    expect((await column.allTextContents()).slice(0, facts.length)).toEqual(facts);
  }
  const runnable = whole.prepare();
  const said = section.locator(".result");
  const sliders = section.locator("input[type=range]");
  for (const [tokens, past] of [
    [6, 10],
    [2, 1],
    [64, 0],
    [1, 63],
    [0, 5],
  ] as const) {
    await slide(sliders.nth(0), tokens);
    await slide(sliders.nth(1), past);
    const zeros = () => tensor(new Float32Array(3 * 4 * 32 * past), [3, 4, past, 32]);
    let refusal: TractError | undefined;
    try {
      const ids = tensor(new BigInt64Array(tokens), [1, tokens]);
      runnable.run({ tokens: ids, past_keys: zeros(), past_values: zeros() });
    } catch (error) {
      refusal = error as TractError;
    }
    expect(refusal, `S=${tokens}, P=${past}`).toBeDefined();
    await expect(said).toContainText(`${refusal?.name}: ${refusal?.message}`);
  }
  await slide(sliders.nth(1), 0);
  await slide(sliders.nth(0), 63);
  await expect(said).toContainText("logits 1,63,13,f32, keys 3,4,63,32,f32");
  tract.dispose();
  await expect(await answer(section, 6)).toContainText("no mode of the model fits P=10, S=6");
  await expect(await answer(section, 1)).toHaveAttribute("data-right", "true");
});

test("time per token is measured at every position and shown", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "time");
  expect(await shownBy(page, "page:time.whole")).toBeGreaterThan(
    await shownBy(page, "page:time.cached"),
  );
  await section.getByRole("button", { name: "Measure every position" }).click();
  const said = section.locator(".result");
  await expect(said).toContainText(/takes [\d.]+ times as long; without it/);
  const label = (await section.locator("canvas").getAttribute("aria-label")) ?? "";
  const positions = [...label.matchAll(/position (\d+): [\d.]+ ms with the cache, [\d.]+ ms/g)];
  expect(positions.map(([, at]) => Number(at))).toEqual([4, 8, 16, 24, 32, 40, 48, 56, 63]);
  await expect(await answer(section, 8)).toContainText("with the cache");
  await expect(await answer(section, 6 + 7 + 8)).toHaveAttribute("data-right", "true");
});

test("a line stops at the assert, with the engine's sentence", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "stop");
  await section.getByRole("button", { name: "Play" }).click();
  const said = section.locator(".result");
  await expect(said).toContainText(/S\+P < 64.*P=63, S=1/);
  await expect(number(page, "page:stop.positions")).toHaveText("63");
  const line = (await section.locator(".written").textContent()) ?? "";
  expect(line).toHaveLength(63);
  const asked = reference.heldOut.slice(0, 7).map(([a, b]) => {
    const two = (value: number) => String(value).padStart(2, "0");
    return { question: `${two(a)}+${two(b)}=`, answer: String(a + b).padStart(3, "0") };
  });
  for (const [at, { question, answer }] of asked.entries()) {
    expect(`${question}${answer};`).toContain(line.slice(10 * at, 10 * at + 10));
  }
  await section.getByRole("button", { name: "Start over" }).click();
  await expect(number(page, "page:stop.positions")).toHaveText("0");
  await expect(await answer(section, 7)).toContainText("7 sums are 70 tokens");
  await expect(await answer(section, 6)).toHaveAttribute("data-right", "true");
});

test("held-out sums are asked in the page, and answered as natively", async ({ page, site }) => {
  expect(VOCABULARY).toBe(reference.vocabulary);
  await open(page, site);
  const section = await alive(page, "answers");
  const { quality } = manifestOf("kv-cache-lm");
  await section.getByRole("button", { name: "Ask all 1000" }).click();
  await expect(section.locator("progress")).toBeVisible();
  const said = section.locator(".long-run .result");
  await expect(said).toContainText("of 1000 right", { timeout: 120_000 });
  const right = Number(/^\d+/.exec((await said.textContent()) ?? "")?.[0]);
  expect(right).toBeGreaterThanOrEqual(980);
  expect(1000 - right).toBe(reference.wrong.length);
  const mistakes = await section.locator(".mistakes li").allTextContents();
  const two = (value: number) => String(value).padStart(2, "0");
  expect(mistakes.map((each) => each.slice(2, 8))).toEqual(
    reference.wrong.map(([a, b]) => `${two(a)}+${two(b)}=`),
  );
  await expect(await answer(section, 500)).toContainText(`the claim is ${quality.figure}`);
  await expect(await answer(section, Math.round(1000 * (1 - quality.figure)))).toContainText(
    `Here you counted ${1000 - right}`,
  );
});
