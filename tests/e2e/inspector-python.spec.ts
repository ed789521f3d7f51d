import type { Page } from "@playwright/test";
import { deepSpeech, drawn, openFiles } from "./inspector-page.js";
import { expect, test } from "./page.js";

test.setTimeout(120_000);

const run = (page: Page) => page.locator(".python-tools").getByRole("button", { name: "Run" });
const output = (page: Page) => page.locator(".python-output");
const ready = (page: Page) =>
  expect(page.locator(".python-bar .passed")).toHaveText("ready", { timeout: 60_000 });

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
    await expect(output(page)).toHaveText(pattern, { timeout: 20_000 });
  }
  await example.selectOption("3");
  await run(page).click();
  await expect(output(page).locator("img.python-svg")).toBeVisible({ timeout: 20_000 });
});

test("import tract is this page's engine: the desk's script loads, pulses, runs and checks", async ({
  page,
  site,
}) => {
  await start(page, site);
  await page.getByRole("combobox", { name: "Example" }).selectOption({ label: "Pulse and run" });
  await run(page).click();
  await expect(output(page)).toContainText("delay 3", { timeout: 40_000 });
  await expect(output(page)).toContainText("65 values compared, largest difference");
  await expect(output(page).locator("[data-kind=error]")).toHaveCount(0);
});

test("an error is a traceback of the cell; a name is selected from Python", async ({
  page,
  site,
}) => {
  await start(page, site);
  await write(page, "import tract\ntract.nnef().load('/bundle/none')");
  await run(page).click();
  await expect(output(page).locator("[data-kind=error]")).toContainText("TractError", {
    timeout: 30_000,
  });
  await write(page, "select('conv2')");
  await run(page).click();
  await expect(page.locator(".details-name")).toHaveText("conv2", { timeout: 10_000 });
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
  await expect(output(page)).toContainText("variables are lost", { timeout: 1000 });
  await ready(page);
  await expect(page.locator(".python-editor")).toContainText("while True: pass");
  await context.setOffline(true);
  await write(page, "'x' in globals(), graph.name");
  await run(page).click();
  await expect(output(page)).toContainText("(False, 'network')", { timeout: 10_000 });
});
