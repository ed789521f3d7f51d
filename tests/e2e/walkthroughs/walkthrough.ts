import type { Locator, Page } from "@playwright/test";
import { nothingSerious } from "../shared/axe.js";
import { expect } from "../shared/page.js";

/** Opens a walkthrough of the site and waits until its bundle is read. */
export async function openWalkthrough(page: Page, site: string, id: string, query = "") {
  await page.goto(`${site}walkthroughs/${id}/${query}`);
  await expect(page.locator('nnef-number[path="page:minutes"]')).toHaveText(/\d/);
}

/** A section, once its figure is alive. */
export async function alive(page: Page, id: string): Promise<Locator> {
  const section = page.locator(`#${id}`);
  await section.scrollIntoViewIfNeeded();
  await expect(section.locator(".stage[data-live]")).toBeVisible();
  return section;
}

/** Ids of all sections, in order. */
export const sectionIds = (page: Page): Promise<string[]> =>
  page.locator("section[data-figure]").evaluateAll((all) => all.map(({ id }) => id));

/** The first number of the prose at a path. */
export const number = (page: Page, path: string): Locator =>
  page.locator(`nnef-number[path="${path}"] .number`).first();

/** Answers a section's task, by what is entered or by how its figure stands; gives its verdict. */
export async function answer(section: Locator, entered?: number): Promise<Locator> {
  const task = section.locator(".task");
  if (entered !== undefined) await task.locator("input").fill(String(entered));
  await task.getByRole("button", { name: "Check" }).click();
  return task.locator(".verdict");
}

/** A range, moved as a hand does. */
export const slide = (slider: Locator, value: number): Promise<void> =>
  slider.evaluate((input: HTMLInputElement, to) => {
    input.valueAsNumber = to;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, value);

/** Opens a section's Python and runs its cell; gives the output's lines once it holds `done`. */
export async function runPython(section: Locator, done: string): Promise<string[]> {
  await section.getByRole("button", { name: /Python/ }).click();
  const run = section.getByRole("button", { name: "Run" });
  await expect(run).toBeEnabled();
  await run.click();
  const output = section.locator(".python-output");
  await expect(output).toContainText(done);
  return (await output.innerText()).trim().split("\n");
}

/** Puts a bundle that is not the site's where `?bundle=../../bundles/NAME/` finds it. */
export const serveBundle = (page: Page, name: string, files: ReadonlyMap<string, Buffer>) =>
  page.route(
    (url) => url.pathname.includes(`/bundles/${name}/`),
    (route) => {
      const body = files.get(new URL(route.request().url()).pathname.split("/").at(-1) ?? "");
      return body ? route.fulfill({ body }) : route.fulfill({ status: 404 });
    },
  );

/** Every figure alive: in both themes nothing serious for axe, nothing wider than the window. */
export async function holdsTogether(page: Page, width: number) {
  for (const id of await sectionIds(page)) await alive(page, id);
  await nothingSerious(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
    width,
  );
}
