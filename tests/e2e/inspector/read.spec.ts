import { readFileSync } from "node:fs";
import { Archive } from "../../../web/src/formats/archive.js";
import { dat, gzip, tar } from "../../web/inspector/archives.js";
import { nothingSerious } from "../shared/axe.js";
import { hold } from "../shared/hold.js";
import { expect, test } from "../shared/page.js";
import { deepSpeech, drawn, factsThere, given, openFiles, says, verb } from "./page.js";

const VAD = "Silero VAD, 16 kHz · model.nnef.tgz";

test.beforeEach(async ({ page, site }) => {
  await page.goto(`${site}inspect/`);
  await drawn(page, VAD);
});

test("it opens on the site's VAD, with the engine's facts", async ({ page }) => {
  await factsThere(page);
  await expect(page.locator("nnef-text")).toContainText("tract_registry tract_core");
  await expect(page.locator(".details .rows").first()).toContainText("T,512,f32");
  await expect(page.locator(".details .rows").first()).toContainText("T,1,f32");
});

test("one selection: from the graph by keyboard to the text and the details, and back", async ({
  page,
}) => {
  await page.locator(".graph-stage").focus();
  let name = "";
  const shown = async () => (await page.locator(".details-name").allTextContents())[0] ?? "";
  for (let step = 0; step < 3; step++) {
    await page.keyboard.press("ArrowDown");
    await expect.poll(shown).not.toBe(name);
    name = await shown();
  }
  await expect(page.locator("#nnef-graph-current")).toContainText(`, ${name}`);
  await expect(page.locator(".nnef-selected").first()).toHaveText(name);
  await page.keyboard.press("ArrowDown");
  await expect(page.locator(".details-name")).not.toHaveText(name);
  await page.keyboard.press("Backspace");
  await expect(page.locator(".details-name")).toHaveText(name);
});

test("find lights what matches and goes to it", async ({ page }) => {
  const find = page.getByRole("searchbox", { name: "Find in graph" });
  await find.fill("conv 128×64");
  await expect(page.locator(".pane-count").first()).toHaveText("1 found");
  await find.press("Enter");
  await expect(page.locator(".details-title")).toHaveText("conv + relu");
});

test("a weight's numbers are those of its file", async ({ page }) => {
  const bundle = new URL("../../../dist/bundles/silero-vad/model.nnef.tgz", import.meta.url);
  const archive = await Archive.open(readFileSync(bundle));
  const values = archive.values("encoder.1.weight") as Float32Array;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  await page.getByRole("searchbox", { name: "Find in graph" }).fill("encoder.1.weight");
  await page.getByRole("searchbox", { name: "Find in graph" }).press("Enter");
  await page.locator(".details").getByRole("button", { name: "encoder.1.weight" }).click();
  const figure = async (name: string) =>
    Number(await page.locator(`[data-figure=${name}]`).textContent());
  expect(await figure("min")).toBeCloseTo(Math.min(...values), 5);
  expect(await figure("max")).toBeCloseTo(Math.max(...values), 5);
  expect(await figure("mean")).toBeCloseTo(mean, 6);
  expect(await figure("zeros")).toBe(values.filter((value) => value === 0).length);
  await expect(page.locator(".values")).toContainText(
    String(Number((values[0] ?? 0).toPrecision(6))),
  );
});

test("a fragment opens in place", async ({ page }) => {
  await openFiles(page, [await deepSpeech()]);
  await drawn(page, "small-deepspeech.nnef.tgz");
  await page.getByRole("searchbox", { name: "Find in graph" }).fill("scan");
  await page.getByRole("searchbox", { name: "Find in graph" }).press("Enter");
  const count = async () =>
    Number(await page.locator("#nnef-graph-current").getAttribute("aria-setsize"));
  const before = await count();
  await page.locator(".graph-stage").focus();
  await page.keyboard.press("Enter");
  await expect.poll(count).toBeGreaterThan(before + 5);
});

test("the graph is saved as an SVG without script", async ({ page }) => {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "SVG" }).click();
  const path = await (await download).path();
  const text = readFileSync(path, "utf8");
  expect(text).toMatch(/^<svg xmlns=/);
  expect(text).toContain("dyn_slice");
  expect(text).not.toMatch(/<script|\son\w+=/i);
});

test("missing weights are a condition, not an error", async ({ page }) => {
  const whole = await Archive.open((await deepSpeech()).buffer);
  await openFiles(page, [given("graph.nnef", whole.text)]);
  await drawn(page, "graph.nnef");
  await expect(page.locator(".details dt", { hasText: "missing" })).toBeVisible();
  await expect(page.locator(".inspector-fault")).toHaveCount(0);
  await verb(page, "Run").click();
  await expect(says(page)).toContainText("not run");
});

test("a text that needs no weights runs by itself", async ({ page }) => {
  const text = `version 1.0;
graph mean(x) -> (y)
{
  x = external<scalar>(shape = [1, 4]);
  y = mean_reduce(x, axes = [1]);
}
`;
  await openFiles(page, [given("graph.nnef", text)]);
  await drawn(page, "graph.nnef");
  await factsThere(page);
  await expect(page.locator(".details dt", { hasText: "missing" })).toHaveCount(0);
  await verb(page, "Run").click();
  await expect(says(page)).not.toContainText("archive");
  await expect(page.locator(".inspector-fault")).toHaveCount(0);
});

test("what cannot be opened leaves all of what was open, its name too", async ({ page }) => {
  const model = page.getByRole("combobox", { name: "Model" });
  const before = await model.inputValue();
  await openFiles(page, [given("broken.nnef.tgz", new Uint8Array(4000).fill(65))]);
  await expect(page.locator(".inspector-fault")).toBeVisible();
  await page.getByRole("button", { name: "Keep the open model" }).click();
  await expect(page.locator(".inspector-fault")).toHaveCount(0);
  expect(await model.inputValue()).toBe(before);
  await expect(page.locator(".details-title")).toHaveText(VAD);
});

test("a text that is not NNEF stands beside no other model's graph", async ({ page }) => {
  await openFiles(page, [given("graph.nnef", "version 1.0;\ngraph g(x) -> (y) { y = relu(x; }")]);
  await expect(page.locator(".inspector-fault")).toHaveAttribute("data-code", "syntax");
  await expect(page.locator("nnef-text")).toContainText("relu(x;");
  await expect(page.locator(".graph-stage [role=option]")).toHaveCount(0);
});

test("what the reader unfolds stays so when the engine's facts come", async ({ page, site }) => {
  const arrive = await hold(page, "**/*.wasm");
  await page.goto(`${site}inspect/`);
  await drawn(page, VAD);
  const folds = page.locator("nnef-text .cm-foldPlaceholder");
  const before = await folds.count();
  await folds.first().click();
  await expect(folds).toHaveCount(before - 1);
  arrive();
  await factsThere(page);
  await expect(page.locator(".details .rows").first()).toContainText("T,1,f32");
  await expect(folds).toHaveCount(before - 1);
});

test.describe("what is hostile ends in words, and the next file opens", () => {
  const text = (body: string) =>
    `version 1.0; graph g(x) -> (y) { x = external(shape = [1]); ${body} }`;
  const nodes = Array.from(
    { length: 30_000 },
    (_, at) => `v${at + 1} = relu(${at ? `v${at}` : "x"});`,
  );
  const huge = dat({
    shape: [25_000_000],
    bits: 32,
    type: 0,
    items: new Uint8Array(8),
    claims: 100_000_000,
  });
  const cases: readonly (readonly [
    name: string,
    content: () => Promise<Uint8Array> | Uint8Array,
    code: string,
  ])[] = [
    ["cut", async () => (await deepSpeech()).buffer.subarray(0, 900), "archive-damaged"],
    ["not an archive", () => new Uint8Array(4000).fill(65), "tar-damaged"],
    ["no graph", () => tar({ "a.dat": huge }), "graph-missing"],
    [
      "a path that leaves the archive",
      () => tar({ "../graph.nnef": "version 1.0;" }),
      "path-unsafe",
    ],
    ["deep nesting", () => tar({ "graph.nnef": text(`y = ${"(".repeat(100_000)}`) }), "limit"],
    ["endless text", () => tar({ "graph.nnef": " ".repeat(17 * 2 ** 20) }), "limit"],
    ["a typing error", () => tar({ "graph.nnef": text("y = relu(x;") }), "syntax"],
  ];
  for (const [name, content, code] of cases) {
    test(name, async ({ page }) => {
      await openFiles(page, [given(`${name}.nnef.tar`, await content())]);
      await expect(page.locator(".inspector-fault")).toHaveAttribute("data-code", code);
      await openFiles(page, [await deepSpeech()]);
      await drawn(page, "small-deepspeech.nnef.tgz");
      await expect(page.locator(".inspector-fault")).toHaveCount(0);
    });
  }

  test("markup in names stays text", async ({ page }) => {
    const markup = `<img src=x onerror="document.title='owned'">`;
    const graph = text(
      `i'${markup.replaceAll('"', "").replaceAll("'", "")}' = relu(x); y = relu(i'${markup.replaceAll('"', "").replaceAll("'", "")}');`,
    );
    await openFiles(page, [given("<b>bold</b>.nnef.tar", tar({ "graph.nnef": graph }))]);
    await drawn(page, "<b>bold</b>.nnef.tar");
    await page.locator(".graph-stage").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect(page.locator(".details-name")).toContainText("<img");
    expect(await page.locator(".details img, .graph-stage img, nnef-text img").count()).toBe(0);
    expect(await page.title()).not.toContain("owned");
  });

  test("a tensor's claim is shown as a fault where it stands", async ({ page }) => {
    const graph = text("w = variable<scalar>(label = 'w', shape = [25000000]); y = add(x, w);");
    await openFiles(page, [
      given("claims.nnef.tgz", await gzip(tar({ "graph.nnef": graph, "w.dat": huge }))),
    ]);
    await drawn(page, "claims.nnef.tgz");
    await page.getByRole("searchbox", { name: "Find in graph" }).fill("add");
    await page.getByRole("searchbox", { name: "Find in graph" }).press("Enter");
    await page.locator(".details").getByRole("button", { name: "w", exact: true }).click();
    await expect(page.locator(".details-fault")).toContainText("w.dat");
  });

  test("thirty thousand nodes leave the page in hand", async ({ page }) => {
    await openFiles(page, [
      given("many.nnef.tar", tar({ "graph.nnef": text(`${nodes.join(" ")} y = relu(v30000);`) })),
    ]);
    await expect(page.locator(".graph-notice")).toContainText("nodes");
    await verb(page, "Compare").click();
    await verb(page, "Read").click();
    await openFiles(page, [await deepSpeech()]);
    await drawn(page, "small-deepspeech.nnef.tgz");
  });
});

for (const width of [1280, 390]) {
  test(`axe finds nothing serious on any tab: ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 844 });
    await factsThere(page);
    const stands: Readonly<Record<string, () => Promise<void>>> = {
      Read: async () => {},
      Compare: () => expect(says(page)).toContainText("Pulsing T"),
      Run: () => expect(says(page)).toContainText("Pulse 0 of"),
      Python: () => page.locator(".python-editor .cm-content").waitFor(),
    };
    for (const [name, there] of Object.entries(stands)) {
      await verb(page, name).click();
      await there();
      const lists = page.locator(".verb-strip summary");
      for (const list of await lists.all()) await list.click();
      await nothingSerious(page);
    }
  });
}
