import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { loadTract, type Model, TractError, tensor } from "tract-wasm";
import { readSafetensors } from "../../conformance/tensors.mjs";
import { expect, test } from "../shared/page.js";
import { alive, answer, number, openWalkthrough, slide } from "./walkthrough.js";

const bundle = new URL("../../../dist/bundles/digits-vit/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, bundle));
const manifest = JSON.parse(read("manifest.json").toString());
const text = gunzipSync(read("model.nnef.tgz")).toString("latin1");

const open = (page: Page, site: string, query = "") =>
  openWalkthrough(page, site, "dynamic-batch", query);

/** A tensor of a safetensors file of the bundle. */
function stored(file: string, name: string) {
  const kept = readSafetensors(read(file)).get(name);
  return { shape: kept?.shape ?? [], values: Array.from(kept?.data ?? [], Number) };
}

/** PyTorch's reading of the reference's images. */
function expectedDigits(): number[] {
  const { shape, values } = stored("reference.safetensors", "logits");
  const [count = 0, classes = 0] = shape;
  return Array.from({ length: count }, (_, at) => {
    const row = values.slice(at * classes, (at + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}

async function inNode<Value>(use: (model: Model) => Value | Promise<Value>): Promise<Value> {
  const tract = await loadTract();
  try {
    return await use(await tract.load(read("model.nnef.tgz")));
  } finally {
    tract.dispose();
  }
}

const blank = (count: number) => ({
  image: tensor(new Float32Array(count * 64), [count, 1, 8, 8]),
});

test("the example and drawn digits are read as PyTorch reads them", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "draw");
  const digits = expectedDigits();
  const said = section.locator(".result");
  await expect(said).toContainText(`read as ${digits.join(", ")}`);
  await expect(number(page, "page:batch.output")).toHaveText(`${digits.length},10`);
  const board = section.locator(".board");
  const box = await board.boundingBox();
  if (!box) throw new Error("the board has no box");
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  // A plain upright stroke is a one, a round one a zero.
  await page.mouse.move(...at(0.5, 0.1));
  await page.mouse.down();
  await page.mouse.move(...at(0.5, 0.9), { steps: 8 });
  await page.mouse.up();
  await expect(said).toContainText(`read as ${digits.join(", ")}, 1`);
  await section.getByRole("button", { name: "Next digit" }).click();
  await page.mouse.move(...at(0.5, 0.1));
  await page.mouse.down();
  for (let step = 1; step <= 24; step++) {
    const turn = (2 * Math.PI * step) / 24;
    await page.mouse.move(...at(0.5 + 0.25 * Math.sin(turn), 0.5 - 0.4 * Math.cos(turn)));
  }
  await page.mouse.up();
  await expect(said).toContainText(`read as ${digits.join(", ")}, 1, 0`);
  await expect(number(page, "page:batch")).toHaveText(String(digits.length + 2));
  await expect(await answer(section, 10)).toContainText("numbers of one image");
  await expect(await answer(section, 70)).toHaveAttribute("data-right", "true");
});

test("the keyboard writes too", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "draw");
  await section.getByRole("button", { name: "Empty the batch" }).click();
  await expect(section.locator(".result")).toContainText("empty");
  await section.locator(".board").focus();
  await page.keyboard.press("ArrowUp");
  for (let step = 0; step < 3; step++) await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Space");
  for (let step = 0; step < 8; step++) await page.keyboard.press("ArrowDown");
  await expect(section.locator(".result")).toHaveText("1,1,8,8 → 1,10: read as 1");
  // Space and arrows are the board's own: nothing scrolled or turned.
  await page.keyboard.press("Delete");
  await expect(section.locator(".result")).toContainText("empty");
});

test("the letter is followed as the engine has it in Node", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "flow");
  await slide(section.locator("input[type=range]"), 5);
  await expect(number(page, "page:flow.output")).toHaveText("5,10");
  const facts = await inNode((model) => {
    const shapes = (each: Model) =>
      each.graph().nodes.flatMap(({ outputs }) => outputs.map(({ shape }) => shape.join(",")));
    return { open: shapes(model), set: shapes(model.setSymbols({ B: 5 })) };
  });
  const rows = await section.locator(".flow-row").evaluateAll((all) =>
    all.map((row) => ({
      open: row.querySelector(".flow-open")?.textContent ?? "",
      set: row.querySelector(".flow-fixed")?.textContent ?? "",
      size: Number(row.querySelector(".flow-size")?.textContent),
    })),
  );
  expect(rows.length).toBeGreaterThan(10);
  expect(rows[0]?.open).toBe(manifest.inputs[0].fact.replace(",f32", ""));
  expect(rows.at(-1)?.open).toBe(manifest.outputs[0].fact.replace(",f32", ""));
  for (const { open: symbolic, set, size } of rows) {
    expect(facts.open).toContain(symbolic);
    expect(facts.set).toContain(set);
    expect(size).toBe(set.split(",").reduce((product, each) => product * Number(each), 1));
  }
  await expect(await answer(section, 28)).toContainText("axis 1 alone");
  await expect(await answer(section, 17 * 28 * 16)).toHaveAttribute("data-right", "true");
});

test("a fixed export takes its batch, the dynamic one any but none", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "fixed");
  const rows = section.locator(".answer-row");
  const slider = section.locator("input[type=range]");
  await expect(rows.nth(0)).toContainText("gives 2,10,f32");
  await slide(slider, 5);
  await expect(rows.nth(0)).toContainText("5,1,8,8,f32 given, 2,1,8,8,f32 needed");
  await expect(rows.nth(1)).toContainText("gives 5,10,f32");
  await slide(slider, 0);
  await expect(rows.nth(1)).toContainText("B >= 1, but B=0");
  const excerpts = section.locator("pre.excerpt");
  await expect(excerpts.nth(0)).toContainText("image = tract_core_external(shape = [B, 1, 8, 8]");
  await expect(excerpts.nth(1)).toContainText("shape = [B, 3, 224, 224]");
  await expect(excerpts.nth(1)).toContainText("extension tract_symbol B;");
  await expect(await answer(section, 0)).toContainText("B >= 1, but B=0");
  await expect(await answer(section, 2)).toContainText("but so does 1");
  await expect(await answer(section, 1)).toHaveAttribute("data-right", "true");
});

test("sizes the text asks for are known to the engine", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "chain");
  // The graph's own lines; fragments come before it.
  const lines = text.slice(text.indexOf("\ngraph "));
  const asks = lines.match(/= tract_core_shape_of\(/g)?.length ?? 0;
  await expect(section.locator(".result")).toContainText(`${asks} of them ask for a shape`);
  const chain = section.locator(".chain");
  await expect(chain.locator(".excerpt-line")).toHaveCount(4);
  for (const op of ["tract_core_shape_of(image)", "= slice(", "= squeeze(", "= reshape("]) {
    await expect(chain).toContainText(op);
  }
  const node = await inNode((model) =>
    model.graph().nodes.find(({ name }) => name === "x_reshape0"),
  );
  await expect(section.locator(".excerpt").last()).toContainText(node?.info[0] ?? "no such node");
  await expect(section.locator("pre[data-excerpt]").nth(1)).toContainText("768, 196]");
  const first = await chain.innerText();
  await slide(section.locator("input[type=range]"), 2);
  await expect.poll(() => chain.innerText()).not.toBe(first);
  await expect(await answer(section, asks)).toContainText("wait");
  await expect(await answer(section, 0)).toHaveAttribute("data-right", "true");
});

test("the plan made for a batch has as many nodes fewer as in Node", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "now");
  const [free, set] = await inNode((model) =>
    [model, model.setSymbols({ B: 3 })].map(
      (each) => each.prepare().profile(blank(3), { rounds: 1 }).nodes.length,
    ),
  );
  if (free === undefined || set === undefined) throw new Error("no plan");
  expect(set).toBeLessThan(free);
  await expect(number(page, "page:now.open")).toHaveText(String(free));
  await expect(number(page, "page:now.set")).toHaveText(String(set));
  expect(Number(await number(page, "page:now.differ").textContent())).toBeLessThanOrEqual(1e-5);
  await section.getByRole("button", { name: "Profile both" }).click();
  await expect(section.locator(".long-run .result")).toContainText("With the size set");
  await expect(number(page, "page:now.open.ms")).toHaveText(/^[\d.]+ (µs|ms)$/);
  await expect(section.locator("tbody tr").first()).toContainText(`${free}`);
  await expect(await answer(section, 1)).toContainText(`${free} − ${set} = ${free - set}`);
  await expect(await answer(section, free - set)).toHaveAttribute("data-right", "true");
});

test("a profile of an open size is refused by type and code", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "profile");
  const refusal = await inNode((model) => {
    try {
      model.prepare().profile({});
      return undefined;
    } catch (error) {
      return error instanceof TractError ? error : undefined;
    }
  });
  if (!refusal) throw new Error("the engine did not refuse");
  await expect(section.locator(".refused")).toContainText(
    `${refusal.name}, code ${refusal.code}: ${refusal.message}`,
  );
  await section.getByRole("button", { name: "B = 0" }).click();
  await expect(section.locator(".refused")).toContainText("AssertError, code assert");
  await section.getByRole("button", { name: "B = 3" }).click();
  await expect(section.locator(".accepted")).toContainText(/\d+ µs a run,\s+over \d+ runs/);
  await expect(await answer(section, 1)).toHaveAttribute("data-right", "true");
});

test("time per digit is measured and plotted for every batch", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "batch");
  await expect(await answer(section, 5)).toContainText("Press Measure first");
  await section.getByRole("button", { name: "Measure" }).click();
  await expect(section.locator(".long-run .result")).toContainText("in a batch of 64");
  const label = (await section.locator("canvas").getAttribute("aria-label")) ?? "";
  const points = [...label.matchAll(/(\d+): (\d+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  expect(points.map(([x]) => x)).toEqual([1, 2, 4, 8, 16, 32, 64]);
  for (const [, time] of points) expect(time).toBeGreaterThan(0);
  const last = points.at(-1)?.[1] ?? 0;
  await expect(await answer(section, Math.round(1e6 / last))).toHaveAttribute("data-right", "true");
  await expect(await answer(section, Math.round(1e5 / last))).toContainText("the batch would take");
});

test("held-out digits are read as right as the bundle claims, whatever the batch", async ({
  page,
  site,
}) => {
  await open(page, site);
  const section = await alive(page, "held-out");
  const { shape } = stored("held-out.safetensors", "image");
  const count = shape[0] ?? 0;
  const right = Math.round(manifest.quality.figure * count);
  expect(manifest.quality.figure).toBeGreaterThanOrEqual(0.95);
  for (const batch of [24, 7]) {
    await slide(section.locator("input[type=range]"), batch);
    await section.getByRole("button", { name: "Read all held-out digits" }).click();
    const said = section.locator(".long-run .result");
    await expect(said).toContainText(`${right} of ${count} read right`);
    await expect(said).toHaveAttribute("data-right", "true");
    await expect(number(page, "page:held.share")).toHaveText(String(manifest.quality.figure));
  }
  const label = await section.locator("canvas").getAttribute("aria-label");
  expect(label?.match(/\d for \d/g)?.length).toBe(count - right);
  await expect(await answer(section, count - right + 20)).toContainText("too few");
  await expect(await answer(section, Math.floor(count * 0.05))).toHaveAttribute(
    "data-right",
    "true",
  );
});
