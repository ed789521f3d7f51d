import type { NnefInspector } from "../../../web/src/inspector/nnef-inspector.js";
import { computed, expect, sampleAsMicrophone, sampleFile, test } from "../shared/page.js";
import { drawn, factsThere, says, verb } from "./page.js";

test.use({
  permissions: ["microphone"],
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: sampleAsMicrophone });
  },
});

test("the model hears the microphone, a file, and its reference again", async ({ page, site }) => {
  await page.goto(`${site}inspect/`);
  await drawn(page, /^Silero VAD/);
  await factsThere(page);
  await verb(page, "Run").click();
  await expect(says(page)).toContainText("Pulse 0 of 28");
  const inputs = page.getByRole("group", { name: "Input" });
  await inputs.getByRole("button", { name: "Microphone" }).click();
  await expect(says(page)).toContainText(/Pulse \d\d+ · microphone/);
  await expect(inputs.getByRole("button", { name: "Microphone" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  // The text is that of the plan that runs, and its wires carry something.
  await expect(page.locator("nnef-text")).toContainText("tract_registry tract_pulse");
  await page.locator("nnef-inspector").evaluate((element) => {
    (element as NnefInspector).select("probability");
  });
  await expect(page.locator(".details .rows").first()).toContainText("last value1,1,f32");
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
  const at = await says(page).textContent();
  await page.waitForTimeout(300);
  expect(await says(page).textContent()).toBe(at);

  await inputs.locator("input[type=file]").setInputFiles(sampleFile);
  await expect(says(page)).toContainText(/Pulse 0 of \d+ · sample\.wav/);
  await page.getByRole("combobox", { name: "Speed" }).selectOption("60");
  await page.getByRole("button", { name: "Play" }).click();
  await expect(says(page)).toContainText(/Pulse [2-9]\d of/);
  await expect(page.locator(".verb-says .passed")).toHaveText(/^✓ \d+ wires$/);
  await expect(page.locator(".verb-says .fault")).toHaveCount(0);

  await inputs.getByRole("button", { name: "Reference" }).click();
  await expect(says(page)).toContainText("Pulse 0 of 28 · reference");
});

test("Look inside shows the very values of the model that hears, and it drops nothing", async ({
  page,
  site,
}) => {
  await page.goto(site);
  await computed(page);
  await page.getByRole("button", { name: "Listen" }).click();
  await page.getByRole("button", { name: "Look inside" }).click();
  const inside = page.locator("nnef-inspector");
  await expect(inside.locator(".graph-stage")).toHaveAttribute("aria-busy", "false");
  await verb(page, "Run").click();
  await expect(says(page)).toContainText(/Pulse \d\d+ · this page’s session/);
  const { shown, onPulse } = await inside.evaluate(async (element) => {
    type Pulse = { nodes: { outputs: { data: number[] }[] }[] };
    const { session } = element as NnefInspector;
    const shown: number[] = [];
    const onPulse: number[] = [];
    session?.addEventListener("values", (event) => {
      const { nodes } = (event as CustomEvent<Pulse>).detail;
      shown.push(nodes.at(-1)?.outputs[0]?.data[0] ?? Number.NaN);
    });
    session?.addEventListener("probability", (event) => {
      onPulse.push((event as CustomEvent<{ p: number }>).detail.p);
    });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return { shown, onPulse };
  });
  expect(onPulse.length).toBeGreaterThan(20);
  expect(new Set(onPulse).size).toBeGreaterThan(10);
  // Listening may have begun, or ended, between what is told and what is shown of one pulse.
  const aligned = (by: number) =>
    onPulse.slice(1, -1).every((p, at) => shown[at + 1 + by] === p) && by <= 1;
  expect([-1, 0, 1].some(aligned)).toBe(true);
  await expect(page.locator("#figure-dropped")).toHaveText("0");

  await inside.locator(".python-bar").getByRole("button", { name: "Python" }).click();
  await expect(inside.locator(".python-bar .passed")).toHaveText("ready");
  await expect(page.locator("#figure-dropped")).toHaveText("0");
  await page.getByRole("button", { name: "Pause" }).first().click();
});
