import type { Page } from "@playwright/test";
import { VOCABULARY } from "../../../demos/kv-cache/model/decoder.ts";
import { expect, test } from "../shared/page.js";
import { alive, answer, openWalkthrough, runPython, slide } from "./walkthrough.js";

const open = (page: Page, site: string) => openWalkthrough(page, site, "kv-cache");

test("the Python of the page answers and equals PyTorch", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "yourself");
  const lines = await runPython(section, "logits compared with PyTorch");
  expect(lines).toContain("27+45=072");
  const [, count, error] = /^(\d+) logits .* difference ([\d.e-]+)$/.exec(lines.at(-1) ?? "") ?? [];
  expect(Number(count)).toBe(VOCABULARY.length);
  expect(Number(error)).toBeLessThanOrEqual(1e-4);
  await expect(await answer(section, 16)).toHaveAttribute("data-right", "true");
});

test("Start over puts figures and tasks back", async ({ page, site }) => {
  await open(page, site);
  const section = await alive(page, "modes");
  const past = section.locator("input[type=range]").nth(1);
  const before = await past.inputValue();
  await slide(past, 1);
  await answer(section, 99);
  await page.getByRole("button", { name: "Start over" }).first().click();
  await expect(past).toHaveValue(before);
  await expect(section.locator(".task input")).toHaveValue("");
  await expect(section.locator(".verdict")).toHaveText("");
});

test("P presents one section a screen", async ({ page, site }) => {
  await open(page, site);
  await page.keyboard.press("p");
  await expect(page.locator(".opening")).toBeVisible();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator("#inputs")).toBeVisible();
  await expect(page.locator(".opening")).toBeHidden();
  await page.keyboard.press("Escape");
  await expect(page.locator("#padding")).toBeVisible();
});

test("what waits for a bundle says so, and comes alive by itself", async ({ page, site }) => {
  let state = "building";
  await page.route(
    (url) => url.pathname.endsWith("/bundles/index.json"),
    (route) =>
      route.fulfill({
        json: [
          { id: "albert", title: "", kind: "text", state: "ready" },
          { id: "kv-cache-lm", title: "", kind: "text", state },
        ],
      }),
  );
  await page.goto(`${site}walkthroughs/kv-cache/`);
  await alive(page, "inputs");
  await expect(page.locator("#cache .stage")).toHaveAttribute("data-waiting", /being made/);
  state = "ready";
  await alive(page, "cache");
});
