import { nothingSerious } from "../shared/axe.js";
import { expect, sample, sampleAsMicrophone, sampleFile, test } from "../shared/page.js";

test.use({
  permissions: ["microphone"],
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: sampleAsMicrophone });
  },
});

for (const [bundle, width, count] of [
  ["silero-vad", 1280, sample.probabilities.length],
  ["marblenet-vad", 390, Math.ceil(sample.length / 160)],
] as const) {
  test(`${bundle}: a file gives every true frame, the microphone goes on and stops`, async ({
    page,
    site,
  }) => {
    await page.setViewportSize({ width, height: 230 });
    await page.goto(`${site}embed/stream.html?bundle=../bundles/${bundle}/`);
    await page.evaluate(() => {
      const frames: number[] = [];
      Object.assign(globalThis, { frames });
      document.querySelector("nnef-stream")?.addEventListener("result", (event) => {
        frames.push(...(event as CustomEvent<{ data: Float32Array }>).detail.data);
      });
    });
    const seen = () => page.evaluate<number>("frames.length");
    await page.locator("input[type=file]").setInputFiles(sampleFile);
    await expect(page.locator(".status")).toHaveText(/^\d+ pulses$/);
    await expect(page.getByRole("button", { name: "Listen" })).toBeVisible();
    expect(Math.abs((await seen()) - count)).toBeLessThanOrEqual(1);
    await expect(
      page.getByRole("img", { name: /^Outputs of the model: probability \d/ }),
    ).toBeVisible();
    await nothingSerious(page);
    const before = await seen();
    await page.getByRole("button", { name: "Listen" }).click();
    await expect.poll(seen).toBeGreaterThan(before + 20);
    await page.getByRole("button", { name: "Stop" }).click();
    await expect(page.getByRole("button", { name: "Listen" })).toBeVisible();
    const after = await seen();
    await page.waitForTimeout(500);
    expect(await seen()).toBe(after);
  });
}

test("a bundle that takes no sound, and one that is not there, are told where the picture would be", async ({
  page,
  site,
}) => {
  for (const bundle of ["custom-deepspeech", "nowhere"]) {
    await page.goto(`${site}embed/stream.html?bundle=../bundles/${bundle}/`);
    await page.getByRole("button", { name: "Listen" }).click();
    await expect(page.locator(".notice")).toContainText(/model/);
    await expect(page.getByRole("button", { name: "Listen" })).toBeVisible();
    await nothingSerious(page);
  }
});
