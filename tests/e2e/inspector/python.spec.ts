import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { EXAMPLES } from "../../../web/src/inspector/python/examples.js";
import type { NnefPython } from "../../../web/src/inspector/python/nnef-python.js";
import { expect, test } from "../shared/page.js";
import { deepSpeech, drawn, openFiles } from "./page.js";

declare global {
  /** Object URLs of images that are not yet freed. */
  var pictures: number;
}

const run = (page: Page) => page.locator(".python-tools").getByRole("button", { name: "Run" });
const output = (page: Page) => page.locator(".python-output");
const ready = (page: Page) => expect(page.locator(".python-bar .passed")).toHaveText("ready");

async function start(page: Page, site: string) {
  await page.goto(`${site}inspect/`);
  await openFiles(page, [await deepSpeech()]);
  await drawn(page, "small-deepspeech.nnef.tgz");
  await page.locator(".python-bar").getByRole("button", { name: "Python" }).click();
  await ready(page);
}

async function write(page: Page, code: string) {
  await page.locator(".python-editor .cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(code);
}

test("nothing of Pyodide is loaded before it is used", async ({ page, site }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`${site}inspect/`);
  await drawn(page, /^Silero VAD/);
  expect(asked.filter((url) => /pyodide|stdlib|\.whl/.test(url))).toEqual([]);
});

test("the examples run on what is open", async ({ page, site }) => {
  await start(page, site);
  const example = page.getByRole("combobox", { name: "Example" });
  const expected = [/conv\s*480/, /max_pool\s*pool\s*2\s*2\s*13\s*4/, /hidden\s*tract_core_scan/];
  for (const [at, pattern] of expected.entries()) {
    await example.selectOption(String(at));
    await run(page).click();
    await expect(output(page)).toHaveText(pattern);
  }
  await example.selectOption("3");
  await run(page).click();
  await expect(output(page).locator("img.python-svg")).toBeVisible();
});

test("a drawing keeps its one object URL however often it is shown, and frees it", async ({
  page,
  site,
}) => {
  await page.addInitScript(() => {
    const [make, revoke] = [URL.createObjectURL, URL.revokeObjectURL];
    globalThis.pictures = 0;
    URL.createObjectURL = (of) => {
      if (of instanceof Blob && of.type.startsWith("image/")) globalThis.pictures += 1;
      return make.call(URL, of);
    };
    URL.revokeObjectURL = (url) => {
      globalThis.pictures -= 1;
      revoke.call(URL, url);
    };
  });
  const pictures = () => page.evaluate(() => globalThis.pictures);
  await start(page, site);
  await page.getByRole("combobox", { name: "Example" }).selectOption("3");
  await run(page).click();
  await expect(output(page).locator("img.python-svg")).toBeVisible();
  await page.locator("nnef-python").evaluate(async (python) => {
    for (let n = 0; n < 5; n++) {
      (python as NnefPython).requestUpdate();
      await (python as NnefPython).updateComplete;
    }
  });
  expect(await pictures()).toBe(1);
  await page.locator("nnef-python").evaluate((python) => python.remove());
  expect(await pictures()).toBe(0);
});

test("import tract is this page's engine: the desk's script loads, pulses, runs and checks", async ({
  page,
  site,
}) => {
  await start(page, site);
  await page.getByRole("combobox", { name: "Example" }).selectOption({ label: "Pulse and run" });
  await run(page).click();
  await expect(output(page)).toContainText("delay 3");
  await expect(output(page)).toContainText("65 values compared, largest difference");
  await expect(output(page).locator("[data-kind=error]")).toHaveCount(0);
});

/** What a script prints on the desk, where `tract` is PyPI's package. */
async function onDesk(script: string, archive: Buffer): Promise<string> {
  const python = ["../../../.venv/bin/python", "../../../.venv/Scripts/python.exe"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find(existsSync);
  if (python === undefined) throw new Error("There is no .venv; `npm test` makes it.");
  const folder = await mkdtemp(join(tmpdir(), "desk-"));
  try {
    await writeFile(join(folder, "model.nnef.tgz"), archive);
    const bundle =
      "import pathlib, types\nbundle = types.SimpleNamespace(path=pathlib.Path.cwd(), file='model.nnef.tgz')\n";
    await writeFile(join(folder, "script.py"), bundle + script);
    return execFileSync(python, ["script.py"], { cwd: folder, encoding: "utf8" });
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("one script, on the desk and in the page: equal outputs", async ({ page, site }) => {
  const example = EXAMPLES.find(({ name }) => name === "Pulse and run");
  const script = `${example?.code}\nprint("outputs", *got)`;
  const outputs = (text: string): number[] => {
    const line = text.split("\n").find((each) => each.startsWith("outputs ")) ?? "";
    return line.split(" ").slice(1).map(Number);
  };
  const desk = outputs(await onDesk(script, (await deepSpeech()).buffer));
  await start(page, site);
  await write(page, script);
  await run(page).click();
  const line = output(page).locator(".python-line", { hasText: /^outputs / });
  await expect(line).toHaveCount(1);
  const here = outputs((await line.textContent()) ?? "");
  expect(desk.length).toBeGreaterThan(60);
  expect(here.length).toBe(desk.length);
  for (const [at, value] of desk.entries()) {
    expect(Math.abs((here[at] ?? Number.NaN) - value)).toBeLessThan(1e-5);
  }
});

test("an error is a traceback of the cell; a name is selected from Python", async ({
  page,
  site,
}) => {
  await start(page, site);
  await write(page, "import tract\ntract.nnef().load('/bundle/none')");
  await run(page).click();
  await expect(output(page).locator("[data-kind=error]")).toContainText("TractError");
  await write(page, "select('conv2')");
  await run(page).click();
  await expect(page.locator(".details-name")).toHaveText("conv2");
});

test("an endless loop is stopped, the cell stays, the console works again, the network cut", async ({
  page,
  site,
  context,
}) => {
  await start(page, site);
  await write(page, "x = 1\nwhile True: pass");
  await run(page).click();
  await expect(page.locator(".python-bar")).toContainText("running");
  await page.locator(".python-tools").getByRole("button", { name: "Stop" }).click();
  await expect(output(page)).toContainText("variables are lost");
  await ready(page);
  await expect(page.locator(".python-editor")).toContainText("while True: pass");
  await context.setOffline(true);
  await write(page, "'x' in globals(), graph.name");
  await run(page).click();
  await expect(output(page)).toContainText("(False, 'network')");
});
